package protocol

// Control is RFC 4511, 4.1.11.
type Control struct {
	OID      []byte
	Critical bool
	Value    []byte
	HasValue bool // tells an empty value from none
}

// Is says whether the control's type is oid.
func (c *Control) Is(oid string) bool { return string(c.OID) == oid }

// NewControl is a control to send, not critical, as controls of responses are. value nil: none.
func NewControl(oid string, value []byte) Control {
	return Control{OID: []byte(oid), Value: value, HasValue: value != nil}
}

// FindControl gives the control of the type oid, nil where it is not there.
func FindControl(controls []Control, oid string) *Control {
	for i := range controls {
		if controls[i].Is(oid) {
			return &controls[i]
		}
	}
	return nil
}
