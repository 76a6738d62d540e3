package directory

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// The tree:
//
//	dc=ringdex                                       the base
//	  ou=Contact                                     a container per object
//	    uid=0035500000AbCdEAAV                       an entry, under the record's Id
//	  ou=snom                                        the view of a profile: containers and entries again, as it wants them
//	cn=Subschema                                     the schema
//
// The root DSE has the empty name. A subtree search from it sees the base and all below: some clients (macOS Address
// Book) know no other base. The view of a profile is seen only by who names it, or what lies under it, as the base: else
// everybody would be found many times.

// placeKind is what a DN names.
type placeKind uint8

const (
	placeNothing placeKind = iota
	placeRoot
	placeSubschema
	placeBase
	placeView      // the top of a profile's view
	placeContainer // an object's ou
	placeEntry
)

// place is a resolved search base.
type place struct {
	kind    placeKind
	object  string // placeContainer, placeEntry
	ordinal uint32 // placeEntry
	view    *view  // that the DN lies under; nil: none
}

// basePart is one attribute of the base DN.
type basePart struct {
	attribute *schema.AttributeType
	value     string
}

// locate resolves a DN in any spelling. A DN that names nothing gives noSuchObject with the deepest part that exists
// (RFC 4511, 4.1.9).
func (s *Session) locate(r *store.Reader, dn []byte) (place, error) {
	if len(dn) == 0 {
		return place{kind: placeRoot}, nil
	}
	d := s.dir
	// The base, as phones are configured with it, is the hot case.
	if bytes.Equal(dn, d.baseBytes) {
		return place{kind: placeBase}, nil
	}
	norm, err := protocol.NormalizeDN(s.dn[:0], dn)
	if err != nil {
		return place{}, &protocol.Error{Code: protocol.InvalidDNSyntax, Message: "the base is not a DN"}
	}
	s.dn = norm
	switch {
	case len(norm) == 0:
		return place{kind: placeRoot}, nil
	case bytes.Equal(norm, d.baseNormal):
		return place{kind: placeBase}, nil
	case bytes.Equal(norm, d.subschemaNormal):
		return place{kind: placeSubschema}, nil
	}
	parsed, err := protocol.ParseDN(dn)
	if err != nil {
		return place{}, &protocol.Error{Code: protocol.InvalidDNSyntax, Message: "the base is not a DN"}
	}
	if !d.base.AncestorOf(parsed) {
		return place{}, &protocol.Error{Code: protocol.NoSuchObject, Message: "the base of this directory is " + d.options.Base}
	}
	return s.locateBelow(r, parsed[:len(parsed)-len(d.base)])
}

// locateBelow resolves what stands before the base in a DN.
func (s *Session) locateBelow(r *store.Reader, above protocol.DN) (place, error) {
	d, top := s.dir, s.dir.options.Base
	object, ok := s.containerOf(above[len(above)-1])
	var under *view
	if !ok {
		if under = s.viewOf(above[len(above)-1]); under == nil {
			return place{}, &protocol.Error{Code: protocol.NoSuchObject, MatchedDN: top}
		}
		if above = above[:len(above)-1]; len(above) == 0 {
			return place{kind: placeView, view: under}, nil
		}
		top = under.base
		if object, ok = s.containerOf(above[len(above)-1]); !ok || under.profile.HideCompanies && object == companyObject {
			return place{}, &protocol.Error{Code: protocol.NoSuchObject, MatchedDN: top}
		}
	}
	if len(above) == 1 {
		return place{kind: placeContainer, object: object, view: under}, nil
	}
	missing := &protocol.Error{Code: protocol.NoSuchObject, MatchedDN: "ou=" + protocol.EscapeValue(object) + "," + top}
	value, ok := d.uidOf(above[0])
	if len(above) != 2 || !ok {
		return place{}, missing
	}
	id, ok := appendID(s.value[:0], []byte(value))
	s.value = id
	if !ok {
		return place{}, missing
	}
	ordinal, ok := r.OrdinalBytes(id)
	if !ok {
		return place{}, missing
	}
	if v, ok := r.View(ordinal); !ok || v.Object() != object {
		return place{}, missing
	}
	return place{kind: placeEntry, object: object, ordinal: ordinal, view: under}, nil
}

// containerOf resolves an ou below the base to the object it holds.
func (s *Session) containerOf(rdn protocol.RDN) (string, bool) {
	if !s.dir.isOU(rdn) {
		return "", false
	}
	for _, object := range s.columns.objects {
		if strings.EqualFold(object, rdn[0].Value) && s.rights.has(object) {
			return object, true
		}
	}
	return "", false
}

// viewOf resolves an ou below the base to the profile's view that it names; nil if it names none.
func (s *Session) viewOf(rdn protocol.RDN) *view {
	if len(s.dir.views) == 0 || !s.dir.isOU(rdn) {
		return nil
	}
	return s.dir.viewNamed(rdn[0].Value)
}

func (d *Directory) isOU(rdn protocol.RDN) bool {
	if len(rdn) != 1 {
		return false
	}
	t, ok := d.schema.Attribute(rdn[0].Type)
	return ok && t.Name == "ou"
}

// uidOf is the Id in an entry's RDN. Beside it a cn may stand, as profiles show it; what the cn is doesn't count, since a
// telephone reads an entry again whose record has been renamed meanwhile.
func (d *Directory) uidOf(rdn protocol.RDN) (uid string, ok bool) {
	for _, a := range rdn {
		t, known := d.schema.Attribute(a.Type)
		switch {
		case known && t.Name == "uid" && !ok:
			uid, ok = a.Value, true
		case !known || t.Name != "cn" || len(rdn) > 2:
			return "", false
		}
	}
	return uid, ok
}

// appendDN appends an entry's DN. Ids and sObject names need no escapes (letters, digits, underscores).
func (d *Directory) appendDN(dst []byte, v *store.View) []byte {
	dst = append(dst, "uid="...)
	dst = append(dst, v.ID()...)
	dst = append(dst, ",ou="...)
	dst = append(dst, v.Object()...)
	dst = append(dst, ',')
	return append(dst, d.options.Base...)
}

// uuidNamespace makes entryUUIDs: a random UUID of our own, fixed for ever (RFC 9562, 5.5).
var uuidNamespace = [16]byte{0x5d, 0x0c, 0x2b, 0x8e, 0x1f, 0x6a, 0x4e, 0x33, 0x9a, 0x47, 0xb2, 0x70, 0xe4, 0x19, 0x6c, 0xd1}

// appendEntryUUID appends the UUIDv5 of organization id and record id: stable when the store is built anew, and
// different for a sandbox that shares Ids with its production org.
func (d *Directory) appendEntryUUID(dst, id []byte) []byte {
	h := sha1.New()
	h.Write(uuidNamespace[:])
	h.Write([]byte(d.orgID()))
	h.Write(id)
	var sum [sha1.Size]byte
	u := h.Sum(sum[:0])[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], u[0:4])
	hex.Encode(text[9:13], u[4:6])
	hex.Encode(text[14:18], u[6:8])
	hex.Encode(text[19:23], u[8:10])
	hex.Encode(text[24:36], u[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(dst, text[:]...)
}

// parseBase checks the configured base and works out what is needed of it.
func (d *Directory) parseBase() error {
	base, err := protocol.ParseDN(d.options.Base)
	if err != nil || len(base) == 0 {
		return fmt.Errorf("directory: base %q is not a DN; write it like dc=ringdex", d.options.Base)
	}
	d.base = base
	d.baseBytes = []byte(d.options.Base)
	d.baseNormal = []byte(base.Normal())
	if d.subschemaNormal, err = protocol.NormalizeDN(nil, []byte(subschemaDN)); err != nil {
		return err
	}
	for _, rdn := range base {
		for _, a := range rdn {
			t, ok := d.schema.Attribute(a.Type)
			if !ok {
				return fmt.Errorf("directory: base %q: attribute %s is unknown", d.options.Base, a.Type)
			}
			d.baseParts = append(d.baseParts, basePart{t, a.Value})
		}
	}
	return nil
}
