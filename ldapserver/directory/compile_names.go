package directory

import (
	"ringdex/schema"
	"ringdex/schema/name"
)

// nameOptions is how one kind of phone compares names. The zero value is the default.
type nameOptions struct {
	collation *name.Collation // of ranges; nil: that of the list order
}

// collation is the order that ranges of names go by.
func (c *compiler) collation() name.Collation {
	if c.names.collation != nil {
		return *c.names.collation
	}
	return c.columns.collation
}

// peopleNames are the attributes that name a person or a company together.
var peopleNames = [...]string{"cn", "sn", "givenName", "displayName", "o"}

// people is where the words of a name may be spread over.
func (c *compiler) people() (set attributeSet) {
	for _, n := range peopleNames {
		if t, ok := c.dir.schema.Attribute(n); ok {
			for i, bits := range c.below(t) {
				set[i] |= bits & c.columns.words[i]
			}
		}
	}
	return set
}

func isName(t *schema.AttributeType) bool {
	return t.Syntax == schema.Name || t.Syntax == schema.Text || t.Virtual == schema.AnyName
}
