package emulator

import (
	"slices"
	"strings"
	"time"
)

// Limits of the replication calls.
const (
	updatedDays = 30 * 24 * time.Hour
	deletedDays = 15 * 24 * time.Hour
	maxIDs      = 600_000
)

// window reads the object and the time of a replication call. Seconds are ignored.
func (o *Org) window(c *call, longest time.Duration) (obj *object, from, to time.Time, f *fault) {
	name := strings.TrimSpace(c.op.value("sObjectType"))
	if obj = o.object(name); obj == nil {
		return nil, from, to, newFault("INVALID_TYPE", "sObject type '"+name+"' is not supported."+adviceObject)
	}
	from, ok := parseDateTime(strings.TrimSpace(c.op.value("startDate")))
	to, ok2 := parseDateTime(strings.TrimSpace(c.op.value("endDate")))
	if !ok || !ok2 {
		return nil, from, to, clientFault("startDate and endDate must be of type xsd:dateTime")
	}
	from, to = from.Truncate(time.Minute), to.Truncate(time.Minute)
	switch {
	case !from.Before(to):
		f = newFault("INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate")
	case from.After(o.now()):
		f = newFault("INVALID_REPLICATION_DATE", "startDate cannot be in the future")
	case o.now().Sub(from) > longest:
		f = newFault("INVALID_REPLICATION_DATE", "startDate cannot be more than "+days(longest)+" days ago")
	}
	return obj, from, to, f
}

func days(d time.Duration) string {
	if d == updatedDays {
		return "30"
	}
	return "15"
}

// covered is the time until which an answer is complete: whole minutes, never the future.
func (o *Org) covered(to time.Time) time.Time {
	now := o.now().UTC().Truncate(time.Minute)
	if to.After(now) {
		return now
	}
	return to
}

func (o *Org) writeUpdated(w *xmlWriter, c *call) *fault {
	obj, from, to, f := o.window(c, updatedDays)
	if f != nil {
		return f
	}
	t := obj.table
	t.settle()
	lo, hi := t.stampBound(from.Unix(), "", false), t.stampBound(to.Unix(), "", false)
	e := &evaluation{org: o}
	slots := e.filter(t, t.byStamp[lo:max(lo, hi)], nil, binHidden, selection{now: o.now(), late: c.effect.late}, -1)
	if len(slots) > maxIDs {
		return newFault("EXCEEDED_ID_LIMIT", faultText("EXCEEDED_ID_LIMIT"))
	}
	w.raw("<getUpdatedResponse><result>")
	for _, slot := range slots {
		w.raw("<ids>")
		w.buf = t.appendID(w.buf, slot)
		w.raw("</ids>")
	}
	w.text("latestDateCovered", o.covered(to).Format(dateTimeForm))
	w.raw("</result></getUpdatedResponse>")
	return nil
}

func (o *Org) writeDeleted(w *xmlWriter, c *call) *fault {
	obj, from, to, f := o.window(c, deletedDays)
	if f != nil {
		return f
	}
	earliest := o.now().Add(-deletedDays).UTC().Truncate(time.Minute)
	if trim := c.effect.trim; trim > 0 {
		earliest = o.now().Add(-trim).UTC().Truncate(time.Minute)
	} else if !o.settings.DeletedSince.IsZero() && o.settings.DeletedSince.After(earliest) {
		earliest = o.settings.DeletedSince.UTC().Truncate(time.Minute)
	}
	if from.Before(earliest) && (c.effect.trim > 0 || !o.settings.DeletedSince.IsZero()) {
		return newFault("INVALID_REPLICATION_DATE", faultText("INVALID_REPLICATION_DATE"))
	}
	t := obj.table
	list := slices.Clone(t.log)
	for _, slot := range t.binSlots() {
		r := t.held(slot)
		list = append(list, purge{r.id, r.stamp})
	}
	list = slices.DeleteFunc(list, func(p purge) bool { return p.stamp < from.Unix() || p.stamp >= to.Unix() })
	slices.SortStableFunc(list, func(a, b purge) int { return int(a.stamp - b.stamp) })
	if len(list) > maxIDs {
		return newFault("EXCEEDED_ID_LIMIT", faultText("EXCEEDED_ID_LIMIT"))
	}
	w.raw("<getDeletedResponse><result>")
	for _, p := range list {
		w.open("deletedRecords")
		w.text("deletedDate", formatDateTime(p.stamp))
		w.text("id", p.id)
		w.close("deletedRecords")
	}
	w.text("earliestDateAvailable", earliest.Format(dateTimeForm))
	w.text("latestDateCovered", o.covered(to).Format(dateTimeForm))
	w.raw("</result></getDeletedResponse>")
	return nil
}
