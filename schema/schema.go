package schema

// Schema is a set of attribute types and object classes. It is immutable and safe for concurrent use.
type Schema struct{}

// New returns the built-in schema with custom attribute types added. A custom type needs a Name only.
func New(custom ...AttributeType) (*Schema, error) { return &Schema{}, nil }

// Attribute finds an attribute type by name, alias or OID, in any letter case; options (";lang-de") are cut off.
// It doesn't allocate.
func (s *Schema) Attribute(name string) (*AttributeType, bool) { return nil, false }

// AttributeBytes is Attribute for a name in a request.
func (s *Schema) AttributeBytes(name []byte) (*AttributeType, bool) { return nil, false }

// Class finds an object class by name or OID, in any letter case.
func (s *Schema) Class(name string) (*ObjectClass, bool) { return nil, false }

// ClassBytes is Class for a name in a request.
func (s *Schema) ClassBytes(name []byte) (*ObjectClass, bool) { return nil, false }

// Subtypes returns t and every type below it. The slice is shared: don't change it.
func (s *Schema) Subtypes(t *AttributeType) []*AttributeType { return nil }

// Attributes returns all attribute types in the order of their definition. The slice is shared.
func (s *Schema) Attributes() []*AttributeType { return nil }

// Classes returns all object classes, superiors first. The slice is shared.
func (s *Schema) Classes() []*ObjectClass { return nil }

// EntryClasses returns the objectClass values of an entry of a Salesforce object, superiors first. The slice is shared.
func (s *Schema) EntryClasses(object string) []string { return nil }
