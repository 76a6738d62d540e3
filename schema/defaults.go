package schema

// DefaultMapping returns the built-in mapping of Contact, Account, Lead or User.
func DefaultMapping(object string) (Mapping, bool) { return Mapping{}, false }

// DefaultMappingFor returns the built-in mapping of a described object: the one of DefaultMapping without the fields
// that this org lacks, and for other objects a guess from the types and names of their fields.
func DefaultMappingFor(o Object) Mapping { return Mapping{Object: o.Name} }
