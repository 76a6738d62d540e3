package schema

// ObjectClass is an object class (RFC 4512, 4.1.1).
type ObjectClass struct {
	Name     string
	OID      string
	Superior string   // "" for top only
	Kind     string   // STRUCTURAL, ABSTRACT or AUXILIARY
	Must     []string // canonical names, without those of the superior
	May      []string
}

// Definition returns the class's description (RFC 4512, 4.1.1).
func (c *ObjectClass) Definition() string { return "" }
