package soap

// ObjectInfo is one sObject type as describeGlobal lists it.
type ObjectInfo struct {
	Name, Label, LabelPlural, KeyPrefix string

	Custom, CustomSetting, DeprecatedAndHidden         bool
	Queryable, Replicateable, Retrieveable, Searchable bool
}

// ObjectDescription is an sObject type with its fields, as the user may see it:
// fields hidden by field-level security are not listed.
type ObjectDescription struct {
	ObjectInfo
	Fields []FieldDescription
}

// FieldDescription is one field.
type FieldDescription struct {
	Name, Label string
	// Type is the field type of the API: string, phone, email, url, reference,
	// picklist, address, datetime …
	Type string
	// Length is in characters.
	Length int

	Calculated, Custom, ExternalID, Filterable, NameField, Nillable, Sortable bool

	// ReferenceTo are the objects that a reference points to.
	ReferenceTo []string
	// RelationshipName is the name of the parent in SOQL: "Account" of AccountId.
	RelationshipName string
	// CompoundFieldName is the compound that this field is part of:
	// "MailingAddress" of MailingCity.
	CompoundFieldName string
}
