package store

import "fmt"

// checkID refuses what can't be a record Id: the key must be the 18 character form, which differs in more than case.
func checkID(id string) error {
	if len(id) != idLength {
		return fmt.Errorf("store: Id %q has %d characters, not %d", id, len(id), idLength)
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return fmt.Errorf("store: Id %q is not alphanumeric", id)
		}
	}
	return nil
}
