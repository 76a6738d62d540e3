package emulator

import "time"

// Org is the emulated organization: objects, fields, records, sessions and faults. Safe for concurrent use.
type Org struct{}

// Values are the fields of a record by API name. nil clears a field; numbers and booleans may be given as such.
type Values map[string]any

// Upsert creates or updates a record and gives its 18-character Id. A record without Id is created with a new one.
func (o *Org) Upsert(object string, values Values) (string, error) { return "", nil }

// Delete moves records to the recycle bin.
func (o *Org) Delete(object string, ids ...string) error { return nil }

// Undelete takes records out of the recycle bin.
func (o *Org) Undelete(object string, ids ...string) error { return nil }

// Purge removes records for good: queryAll no longer shows them.
func (o *Org) Purge(object string, ids ...string) error { return nil }

// Merge deletes losers in favour of master: IsDeleted and MasterRecordId are set.
func (o *Org) Merge(object, master string, losers ...string) error { return nil }

// HideField takes the permission to see a field from the user.
func (o *Org) HideField(object, field string) error { return nil }

// ShowField gives the permission back.
func (o *Org) ShowField(object, field string) error { return nil }

// AddFault adds a fault spec to the script.
func (o *Org) AddFault(spec string) error { return nil }

// ClearFaults ends all faults.
func (o *Org) ClearFaults() {}

// SetClock holds the org's time at t until it is advanced; the zero time sets it free.
func (o *Org) SetClock(t time.Time) {}

// Advance moves the org's time forward.
func (o *Org) Advance(d time.Duration) {}

// KillSessions ends all sessions and their query locators.
func (o *Org) KillSessions() {}

// Calls tells how often each call was made since the start or Reset, by name.
func (o *Org) Calls() map[string]int { return nil }

// Count tells how many records of an object a query sees.
func (o *Org) Count(object string) int { return 0 }

// Truth gives the numbers that were meant by a generated record's phone fields, in E.164 and by field name.
func (o *Org) Truth(id string) map[string]string { return nil }
