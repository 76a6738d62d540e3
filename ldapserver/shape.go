package ldapserver

import (
	"bytes"
	"time"

	"ringdex/ldapserver/protocol"
)

// QueryRecord is one search without what was searched for: no number, no name, no Id.
type QueryRecord struct {
	Conn       ConnInfo
	User       string // "" is anonymous, or a session that names nobody
	Base       string // the attributes of its DN: "uid,ou,dc"
	Scope      protocol.Scope
	Filter     string // its shape: "(|(telephoneNumber=#)(cn=?*))"
	Attributes int    // that are asked for; 0 is all
	SizeLimit  int
	Controls   int
	Code       protocol.ResultCode
	Entries    int
	Took       time.Duration
}

// userSession is a Session that says who is bound.
type userSession interface{ User() string }

// record begins the record of a search: its octets may be gone when it has ended.
func (c *conn) record(m *protocol.Message) QueryRecord {
	r := QueryRecord{
		Conn: c.info, Base: baseShape(m.Search.Base), Scope: m.Search.Scope, Filter: string(AppendShape(nil, m.Search.Filter)),
		Attributes: len(m.Search.Attributes), SizeLimit: m.Search.SizeLimit, Controls: len(m.Controls),
	}
	if u, ok := c.session.(userSession); ok {
		r.User = u.User()
	}
	return r
}

const (
	// shapeMax is how long a shape gets, shapeName how long an attribute's name in it: more is cut.
	shapeMax  = 1024
	shapeName = 64
)

// AppendShape appends a filter as RFC 4515 writes it, with each value replaced: # is a number as people dial it, ? is any
// other value. Attribute names are kept, as far as they are some.
func AppendShape(dst []byte, f *protocol.Filter) []byte {
	if f == nil {
		return dst
	}
	if len(dst) > shapeMax {
		if dst[len(dst)-1] != '~' {
			dst = append(dst, '~')
		}
		return dst
	}
	dst = append(dst, '(')
	switch f.Kind {
	case protocol.And, protocol.Or, protocol.Not:
		dst = append(dst, map[protocol.FilterKind]byte{protocol.And: '&', protocol.Or: '|', protocol.Not: '!'}[f.Kind])
		for i := range f.Children {
			dst = AppendShape(dst, &f.Children[i])
		}
		return append(dst, ')')
	}
	dst = appendName(dst, f.Attribute)
	switch f.Kind {
	case protocol.Present:
		return append(dst, "=*)"...)
	case protocol.Substrings:
		dst = append(dst, '=')
		if len(f.Initial) > 0 {
			dst = appendValue(dst, f.Initial)
		}
		for _, part := range f.Any {
			dst = appendValue(append(dst, '*'), part)
		}
		dst = append(dst, '*')
		if len(f.Final) > 0 {
			dst = appendValue(dst, f.Final)
		}
		return append(dst, ')')
	case protocol.GreaterOrEqual:
		dst = append(dst, ">="...)
	case protocol.LessOrEqual:
		dst = append(dst, "<="...)
	case protocol.Approx:
		dst = append(dst, "~="...)
	case protocol.Extensible:
		if f.DNAttributes {
			dst = append(dst, ":dn"...)
		}
		if len(f.Rule) > 0 {
			dst = appendName(append(dst, ':'), f.Rule)
		}
		dst = append(dst, ":="...)
	default:
		dst = append(dst, '=')
	}
	return append(appendValue(dst, f.Value), ')')
}

// appendName appends an attribute description or an OID. What can't be one is told by a question mark: people's filters
// are misspelt now and then, and a value may stand in a name's place.
func appendName(dst, name []byte) []byte {
	digits := len(name) > 0
	for _, c := range name {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '-', c == ';', c == '.':
			digits = digits && c == '.'
		case c < '0' || c > '9':
			return append(dst, '?')
		}
	}
	if len(name) > shapeName || digits && !bytes.ContainsRune(name, '.') {
		return append(dst, '?')
	}
	return append(dst, name...)
}

// appendValue appends what sort of value it is.
func appendValue(dst, value []byte) []byte {
	digits := 0
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case bytes.IndexByte([]byte("+-/().*# "), c) < 0:
			return append(dst, '?')
		}
	}
	if digits == 0 {
		return append(dst, '?')
	}
	return append(dst, '#')
}

// baseShape are the attributes of a DN, as far as it is one.
func baseShape(dn []byte) string {
	if len(dn) == 0 {
		return ""
	}
	parsed, err := protocol.ParseDN(string(dn))
	if err != nil {
		return "?"
	}
	var out []byte
	for _, rdn := range parsed {
		if len(out) > shapeName {
			out = append(out, '~')
			break
		}
		if len(out) > 0 {
			out = append(out, ',')
		}
		for i, a := range rdn {
			if i > 0 {
				out = append(out, '+')
			}
			out = appendName(out, []byte(a.Type))
		}
	}
	return string(out)
}
