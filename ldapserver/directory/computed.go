package directory

import (
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
)

// computedAttribute is an attribute whose values the directory makes: no entry in the store holds it.
type computedAttribute uint8

const (
	notComputed computedAttribute = iota
	computedObjectClass
	computedUID
	computedEntryUUID
	computedEntryDN
	computedTime // modifyTimestamp; createTimestamp is mapped, and stored
	computedStructuralClass
	computedSubschema
	computedHasSubordinates
	computedModifiersName
	computedCreatorsName
	computedCount
)

// computedNames are their canonical names, in the order of the constants.
var computedNames = [computedCount]string{
	"", "objectClass", "uid", "entryUUID", "entryDN", "modifyTimestamp", "structuralObjectClass", "subschemaSubentry", "hasSubordinates", "modifiersName", "creatorsName",
}

// computedOf says whether the directory makes a type's values.
func computedOf(t *schema.AttributeType) computedAttribute {
	for i := computedObjectClass; i < computedCount; i++ {
		if computedNames[i] == t.Name {
			return i
		}
	}
	return notComputed
}

// operational says whether a computed attribute is sent on request only (RFC 4512, 3.4).
func (c computedAttribute) operational() bool { return c >= computedEntryUUID }

// appendComputed calls each for every value of a computed attribute of an entry. The bytes are valid during the call.
func (s *Session) appendComputed(c computedAttribute, v *store.View, each func(value []byte) bool) {
	switch c {
	case computedObjectClass:
		for _, class := range s.dir.schema.EntryClasses(v.Object()) {
			s.value = append(s.value[:0], class...)
			if !each(s.value) {
				return
			}
		}
	case computedUID:
		s.value = append(s.value[:0], v.ID()...)
		each(s.value)
	case computedEntryUUID:
		s.value = s.dir.appendEntryUUID(s.value[:0], v.ID())
		each(s.value)
	case computedEntryDN:
		s.value = s.appendDN(s.value[:0], v)
		each(s.value)
	case computedTime:
		s.value = v.Stamp().UTC().AppendFormat(s.value[:0], generalizedTime)
		each(s.value)
	case computedStructuralClass:
		s.value = append(s.value[:0], structuralClass...)
		each(s.value)
	case computedSubschema:
		s.value = append(s.value[:0], subschemaDN...)
		each(s.value)
	case computedHasSubordinates:
		s.value = append(s.value[:0], "FALSE"...)
		each(s.value)
	case computedModifiersName, computedCreatorsName:
		s.value = append(s.value[:0], replicatorName...)
		each(s.value)
	}
}

const (
	generalizedTime = "20060102150405Z" // RFC 4517, 3.3.13
	structuralClass = "inetOrgPerson"
	subschemaDN     = "cn=Subschema"
	replicatorName  = "cn=replicator"
)

// parseTime reads generalized time (RFC 4517, 3.3.13) to the second, for comparisons: with or without minutes, seconds and
// a difference to UTC, and also without any zone and a day alone, as people type it.
func parseTime(b []byte) (time.Time, bool) {
	s, zone := string(b), ""
	if i := strings.IndexAny(s, "+-"); i > 0 {
		s, zone = s[:i], s[i:]
		if len(zone) == len("+01") {
			zone += "00"
		}
	} else {
		s = strings.TrimSuffix(s, "Z")
	}
	if i := strings.IndexAny(s, ".,"); i > 0 {
		s = s[:i]
	}
	for _, layout := range []string{"20060102150405", "200601021504", "2006010215", "20060102"} {
		if zone != "" {
			layout += "-0700"
		}
		if t, err := time.Parse(layout, s+zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
