package soap

import "fmt"

// ID is a Salesforce record id in its 18-character form: 15 case-sensitive
// characters and a check suffix that makes it safe to compare and to store
// without regard to case. The zero value is no id.
type ID string

// idSuffix are the values of the three check characters.
const idSuffix = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// ParseID accepts the 15- and the 18-character form and returns the
// 18-character one. The suffix of an 18-character id must be right for its
// first 15 characters; its letter case does not matter, since some programs
// change it.
func ParseID(s string) (ID, error) {
	if len(s) != 15 && len(s) != 18 {
		return "", fmt.Errorf("soap: id %.30q has %d characters, want 15 or 18", s, len(s))
	}
	var id [18]byte
	copy(id[:], s)
	for i := range 3 {
		bits := 0
		for j := range 5 {
			c := id[i*5+j]
			switch {
			case c >= 'A' && c <= 'Z':
				bits |= 1 << j
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			default:
				return "", fmt.Errorf("soap: id %q has a character that is neither letter nor digit", s)
			}
		}
		want := idSuffix[bits]
		if len(s) == 18 && upper(s[15+i]) != want {
			return "", fmt.Errorf("soap: id %q has a wrong check suffix: its letter case was changed", s)
		}
		id[15+i] = want
	}
	return ID(id[:]), nil
}

// Short is the 15-character form. It is case-sensitive.
func (id ID) Short() string {
	if len(id) < 15 {
		return string(id)
	}
	return string(id[:15])
}

// KeyPrefix is the part that names the object: "003" for Contact.
func (id ID) KeyPrefix() string {
	if len(id) < 3 {
		return ""
	}
	return string(id[:3])
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
