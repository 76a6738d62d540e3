package soap

import (
	"context"
	"fmt"
)

// ObjectInfo is one sObject type as describeGlobal lists it.
type ObjectInfo struct {
	Name        string `xml:"name"`
	Label       string `xml:"label"`
	LabelPlural string `xml:"labelPlural"`
	// KeyPrefix begins the ids of the object's records; some objects have none.
	KeyPrefix string `xml:"keyPrefix"`

	Custom              bool `xml:"custom"`
	CustomSetting       bool `xml:"customSetting"`
	DeprecatedAndHidden bool `xml:"deprecatedAndHidden"`
	Queryable           bool `xml:"queryable"`
	Replicateable       bool `xml:"replicateable"`
	Retrieveable        bool `xml:"retrieveable"`
	Searchable          bool `xml:"searchable"`
}

// ObjectDescription is an sObject type with its fields, as the user may see it:
// fields hidden by field-level security are not listed.
type ObjectDescription struct {
	ObjectInfo
	Fields []FieldDescription `xml:"fields"`
}

// FieldDescription is one field.
type FieldDescription struct {
	Name  string `xml:"name"`
	Label string `xml:"label"`
	// Type is the field type of the API: string, phone, email, url, reference,
	// picklist, address, datetime …
	Type string `xml:"type"`
	// Length is in characters.
	Length int `xml:"length"`

	Calculated bool `xml:"calculated"`
	Custom     bool `xml:"custom"`
	ExternalID bool `xml:"externalId"`
	Filterable bool `xml:"filterable"`
	NameField  bool `xml:"nameField"`
	Nillable   bool `xml:"nillable"`
	Sortable   bool `xml:"sortable"`

	// ReferenceTo are the objects that a reference points to.
	ReferenceTo []string `xml:"referenceTo"`
	// RelationshipName is the name of the parent in SOQL: "Account" of AccountId.
	RelationshipName string `xml:"relationshipName"`
	// CompoundFieldName is the compound that this field is part of:
	// "MailingAddress" of MailingCity.
	CompoundFieldName string `xml:"compoundFieldName"`
}

// describeBatch is the API's limit of types in one describeSObjects.
const describeBatch = 100

// undescribed are the parts of a description that make up most of its bytes and
// are not in ObjectDescription.
func undescribed() []string {
	return []string{
		"actionOverrides", "childRelationships", "filteredLookupInfo", "namedLayoutInfos",
		"picklistValues", "recordTypeInfos", "supportedScopes",
	}
}

// DescribeGlobal lists the objects that the user may see.
func (c *Client) DescribeGlobal(ctx context.Context) ([]ObjectInfo, error) {
	var v struct {
		Objects []ObjectInfo `xml:"result>sobjects"`
	}
	if _, err := c.call(ctx, &call{operation: "describeGlobal"}, &v); err != nil {
		return nil, err
	}
	return v.Objects, nil
}

// DescribeObjects describes the named objects, in that order. An object that does
// not exist or is hidden from the user is a *Fault INVALID_TYPE.
func (c *Client) DescribeObjects(ctx context.Context, names ...string) ([]ObjectDescription, error) {
	const operation = "describeSObjects"
	described := make([]ObjectDescription, 0, len(names))
	for len(names) > 0 {
		batch := names[:min(len(names), describeBatch)]
		names = names[len(batch):]
		q := &call{operation: operation, scan: replyScan{drop: undescribed()}}
		for _, name := range batch {
			q.params = append(q.params, Param{"sObjectType", name})
		}
		var v struct {
			Objects []ObjectDescription `xml:"result"`
		}
		if _, err := c.call(ctx, q, &v); err != nil {
			return nil, err
		}
		if len(v.Objects) != len(batch) {
			return nil, &CallError{
				Operation: operation, kinds: []error{ErrReply},
				Problem: fmt.Sprintf("asked for %d objects, the reply describes %d", len(batch), len(v.Objects)),
			}
		}
		described = append(described, v.Objects...)
	}
	return described, nil
}
