package emulator

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Org is the emulated organization: objects, fields, records, sessions and faults. Safe for concurrent use.
type Org struct {
	options Options
	url     string

	mu          sync.RWMutex
	objects     map[string]*object // by name
	names       []string           // sorted
	lower       map[string]*object
	prefixes    map[string]*object
	orgID       string
	userID      string
	lastID      uint32
	settings    Settings
	permissions Permissions
	setup       []*setupObject // sorted by name

	clock      func() time.Time
	frozen     time.Time     // zero while the clock runs
	ahead      time.Duration // of the clock
	serverURLs string        // what login names instead of our own address

	sessions sessions
	oauth    oauthState
	script   script
	usage    usage
}

// Values are the fields of a record by API name. nil clears a field; numbers and booleans may be given as such.
type Values map[string]any

// An ObjectError says that an object, a field or a record is not there.
type ObjectError struct{ Object, Name string }

func (e *ObjectError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("emulator: no object %q", e.Object)
	}
	return fmt.Sprintf("emulator: %s has no %q", e.Object, e.Name)
}

// object finds an object in any letter case. The lock must be held.
func (o *Org) object(name string) *object { return o.lower[strings.ToLower(name)] }

func (o *Org) objectNamed(name string) (*object, error) {
	if obj := o.object(name); obj != nil {
		return obj, nil
	}
	return nil, &ObjectError{Object: name}
}

// parent finds the record that an Id points to: in the table that is expected, else by its prefix.
func (o *Org) parent(id []byte, expected *object) (*table, uint32, bool) {
	if len(id) < 15 {
		return nil, 0, false
	}
	obj := expected
	if string(id[:3]) != expected.prefix {
		if obj = o.prefixes[string(id[:3])]; obj == nil {
			obj = expected
		}
	}
	slot, ok := obj.table.find(string(id))
	if !ok || obj.table.isDeleted(slot) {
		return nil, 0, false
	}
	return obj.table, slot, true
}

// now is the org's time. The lock need not be held for reading the clock function, but for the offsets.
func (o *Org) now() time.Time {
	if !o.frozen.IsZero() {
		return o.frozen
	}
	return o.clock().Add(o.ahead)
}

// tables brings all orders up to date. The lock must be held for writing.
func (o *Org) settle() {
	for _, obj := range o.objects {
		obj.table.settle()
	}
}

// nextID makes an Id for a new record.
func (o *Org) nextID(prefix string) string {
	o.lastID++
	return string(appendMadeID(nil, prefix, "E0", o.lastID))
}

const idDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendMadeID appends an 18-character Id: prefix, two characters of the range, zeros, six digits of base 62.
func appendMadeID(dst []byte, prefix, span string, n uint32) []byte {
	start := len(dst)
	dst = append(dst, prefix...)
	dst = append(dst, span...)
	dst = append(dst, "0000000000"...)
	for i := start + 14; i > start+8; i-- {
		dst[i] = idDigits[n%62]
		n /= 62
	}
	for i := range 3 {
		bits := 0
		for j := range 5 {
			if c := dst[start+5*i+j]; c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		dst = append(dst, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return dst
}

// madeNumber reverses appendMadeID for Ids of a prefix and range.
func madeNumber(id, prefix, span string) (uint32, bool) {
	if len(id) < 15 || id[:3] != prefix || id[3:5] != span || id[5:9] != "0000" {
		return 0, false
	}
	n := uint64(0)
	for i := 9; i < 15; i++ {
		c := id[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'A' && c <= 'Z':
			c -= 'A' - 10
		case c >= 'a' && c <= 'z':
			c -= 'a' - 36
		default:
			return 0, false
		}
		n = n*62 + uint64(c)
	}
	if n > 1<<32-1 {
		return 0, false
	}
	return uint32(n), true
}

// Upsert creates or updates a record and gives its 18-character Id. A record without Id is created with a new one; an
// Id that is not known yet is taken as it is. SystemModstamp and LastModifiedDate become the org's time unless given.
func (o *Org) Upsert(object string, values Values) (string, error) {
	return o.UpsertLate(object, values, 0)
}

// UpsertLate is Upsert for a change that queries see only after a while, though its SystemModstamp is of now: as after
// a long transaction.
func (o *Org) UpsertLate(object string, values Values, late time.Duration) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return "", err
	}
	return o.upsert(obj, values, late)
}

func (o *Org) upsert(obj *object, values Values, late time.Duration) (string, error) {
	now := o.now()
	cells := make(map[int]cell, len(values))
	for name, v := range values {
		n, ok := obj.find(name)
		if !ok {
			return "", &ObjectError{obj.name, name}
		}
		c, err := makeCell(obj.fields[n], v)
		if err != nil {
			return "", fmt.Errorf("emulator: %s.%w", obj.name, err)
		}
		cells[n] = c
	}
	id := cells[obj.id].text
	slot, exists := uint32(0), false
	if id != "" {
		slot, exists = obj.table.find(id)
	}
	for n, f := range obj.fields {
		if c, given := cells[n]; f.required && !f.removed && (given && !c.set || !given && !exists) {
			return "", fmt.Errorf("emulator: %s: required field missing: %s", obj.name, f.name)
		}
	}
	var r *record
	if exists {
		r = obj.table.own(slot)
	} else {
		if id == "" {
			id = o.nextID(obj.prefix)
		}
		r = &record{id: id}
		o.fill(obj, r, now)
	}
	for n, c := range cells {
		r.setCell(n, c)
	}
	r.setCell(obj.id, cell{r.id, true})
	o.compose(obj, r, cells)
	modified, hasModified := cells[obj.modified]
	if !hasModified {
		r.setCell(obj.modified, cell{formatDateTime(now.Unix()), true})
	}
	stamp := now.Unix()
	if c, given := cells[obj.stamp]; given && c.set {
		stamp = unixOf(c.text)
	} else if hasModified && modified.set {
		stamp = max(unixOf(modified.text), 0)
	}
	r.setCell(obj.stamp, cell{formatDateTime(stamp), true})
	if !exists {
		if c, given := cells[obj.deleted]; given && c.text == "true" {
			r.deleted = true
			obj.table.bin++
		}
		slot = obj.table.insert(r)
	}
	obj.table.restamp(slot, r, stamp)
	if late > 0 {
		if r.visible == 0 {
			obj.table.late++
		}
		r.visible = now.Add(late).Unix()
	}
	return r.id, nil
}

func unixOf(text string) int64 {
	t, _ := parseDateTime(text)
	return t.Unix()
}

// fill sets what the system sets on a new record.
func (o *Org) fill(obj *object, r *record, now time.Time) {
	stamp := cell{formatDateTime(now.Unix()), true}
	for n, f := range obj.fields {
		switch {
		case f.kind == "boolean":
			r.setCell(n, cell{"false", true})
		case f.name == "CreatedDate" || f.name == "LastModifiedDate":
			r.setCell(n, stamp)
		case f.name == "OwnerId" || f.name == "CreatedById" || f.name == "LastModifiedById":
			r.setCell(n, cell{o.userID, true})
		}
	}
}

// compose makes the name of a person from its parts, unless the change gives the name itself.
func (o *Org) compose(obj *object, r *record, changed map[int]cell) {
	if obj.name1 < 0 || !obj.fields[obj.name1].readOnly {
		return
	}
	if c, given := changed[obj.name1]; given && c.set {
		return
	}
	var parts []string
	for _, name := range []string{"FirstName", "MiddleName", "LastName", "Suffix"} {
		if n, ok := obj.find(name); ok {
			if c := r.cell(n); c.set {
				parts = append(parts, c.text)
			}
		}
	}
	if len(parts) > 0 {
		r.setCell(obj.name1, cell{strings.Join(parts, " "), true})
	}
}

// each runs a change on records that must exist.
func (o *Org) each(objectName string, ids []string, change func(obj *object, slot uint32) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(objectName)
	if err != nil {
		return err
	}
	for _, id := range ids {
		slot, ok := obj.table.find(id)
		if !ok {
			return &ObjectError{obj.name, id}
		}
		if err := change(obj, slot); err != nil {
			return err
		}
	}
	return nil
}

func (o *Org) setDeleted(obj *object, slot uint32, deleted bool) {
	r := obj.table.own(slot)
	if r.deleted == deleted {
		return
	}
	now := o.now().Unix()
	r.deleted = deleted
	if deleted {
		obj.table.bin++
		r.setCell(obj.deleted, cell{"true", true})
	} else {
		obj.table.bin--
		r.setCell(obj.deleted, cell{"false", true})
	}
	r.setCell(obj.stamp, cell{formatDateTime(now), true})
	obj.table.restamp(slot, r, now)
}

// Delete moves records to the recycle bin: SystemModstamp moves too.
func (o *Org) Delete(objectName string, ids ...string) error {
	return o.each(objectName, ids, func(obj *object, slot uint32) error {
		if obj.name == "User" {
			return errors.New("emulator: users are never deleted: set IsActive to false")
		}
		o.setDeleted(obj, slot, true)
		return nil
	})
}

// Undelete takes records out of the recycle bin.
func (o *Org) Undelete(objectName string, ids ...string) error {
	return o.each(objectName, ids, func(obj *object, slot uint32) error {
		o.setDeleted(obj, slot, false)
		return nil
	})
}

// Purge removes records for good: queryAll no longer shows them, getDeleted still does.
func (o *Org) Purge(objectName string, ids ...string) error {
	return o.each(objectName, ids, func(obj *object, slot uint32) error {
		r := obj.table.own(slot)
		when := o.now().Unix()
		if r.deleted {
			when = r.stamp
		}
		obj.table.purge(slot)
		obj.table.log = append(obj.table.log, purge{id: r.id, stamp: when})
		return nil
	})
}

// Merge deletes losers in favour of master: they carry MasterRecordId, their children move over without a change of
// SystemModstamp, and the master is stamped.
func (o *Org) Merge(objectName, master string, losers ...string) error {
	masterID, err := canonicalID(master)
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	err = o.each(objectName, losers, func(obj *object, slot uint32) error {
		if _, ok := obj.table.find(masterID); !ok {
			return &ObjectError{obj.name, master}
		}
		n, ok := obj.find("MasterRecordId")
		if !ok {
			return fmt.Errorf("emulator: %s records cannot be merged", obj.name)
		}
		o.setDeleted(obj, slot, true)
		r := obj.table.own(slot)
		r.setCell(n, cell{masterID, true})
		o.reparent(obj, r.id, masterID)
		return nil
	})
	if err != nil {
		return err
	}
	_, err = o.Upsert(objectName, Values{"Id": masterID})
	return err
}

// reparent moves the children of one record to another.
func (o *Org) reparent(parent *object, from, to string) {
	for _, obj := range o.objects {
		for n, f := range obj.fields {
			if f.childRelationship == "" || len(f.referenceTo) == 0 || f.referenceTo[0] != parent.name {
				continue
			}
			t := obj.table
			t.settle()
			var buf []byte
			for _, slot := range t.byID {
				value, ok := t.appendValue(buf[:0], slot, n)
				buf = value
				if ok && string(value) == from {
					t.own(slot).setCell(n, cell{to, true})
				}
			}
		}
	}
}

// Count tells how many records of an object a query sees.
func (o *Org) Count(object string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj := o.object(object)
	if obj == nil {
		return 0
	}
	obj.table.settle()
	return len(obj.table.byID) - obj.table.bin
}

// Field gives a record's field in SOAP spelling; false where the record, the field or the value is not there.
func (o *Org) Field(object, id, name string) (string, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	obj := o.object(object)
	if obj == nil {
		return "", false
	}
	slot, ok := obj.table.find(id)
	if !ok {
		return "", false
	}
	n, ok := obj.find(name)
	if !ok {
		return "", false
	}
	value, ok := obj.table.appendValue(nil, slot, n)
	return string(value), ok
}

// Truth gives the numbers that were meant by a generated record's phone fields, in E.164 and by field name. Fields that
// are empty or hold no number are not in it, nor are fields that were changed later.
func (o *Org) Truth(id string) map[string]string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if len(id) < 15 {
		return nil
	}
	obj := o.prefixes[id[:3]]
	if obj == nil {
		return nil
	}
	g, ok := obj.table.gen.(*invented)
	if !ok {
		return nil
	}
	n, ok := g.number(id[:15])
	if !ok {
		return nil
	}
	out := g.truth(n)
	if r := obj.table.held(n); r != nil {
		for name := range out {
			f, _ := obj.find(name)
			was, ok := g.appendValue(nil, n, f)
			if c := r.cell(f); !ok || c.text != string(was) {
				delete(out, name)
			}
		}
	}
	return out
}
