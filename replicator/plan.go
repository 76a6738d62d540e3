package replicator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/soap"
)

// normaliserVersion changes when the same record becomes another entry than before: then deltas can't be added to what
// is stored.
const normaliserVersion = 3

// plan is how one object is replicated.
type plan struct {
	mapping     *schema.Mapping
	object      string   // as the org spells it
	paths       []string // of the mapping, in the org's spelling
	hops        []hop
	stampField  string // SystemModstamp, where the object has it
	hasDeleted  bool   // it has IsDeleted
	logsDeletes bool   // getDeleted knows it
	volatile    bool   // an entry shows what changes without the stamp: formulas, fields of parents
	where       string // "" none
	fingerprint string
	numbers     map[string]bool // canonical names of the attributes that hold numbers
	order       map[string]int  // place of an attribute's canonical name in the mapping

	frozen      []Frozen        // fields that are not there any more
	thawed      []string        // fields that are there again: every record must be fetched
	keep        map[string]bool // canonical names of the attributes whose stored values stay
	keepSpelled bool            // numbers that are spelled as before stay: a country field is frozen
}

// plans describes the mapped objects and makes their plans, in the order of the mappings. An object that was replicated
// before and that is not there any more, or that can't be told from what should not be copied, is left out of the run.
func (r *run) plans(ctx context.Context) ([]*plan, error) {
	for {
		plans, err := r.describedPlans(ctx)
		var gone *ObjectError
		var frozen *frozenError
		switch {
		case errors.As(err, &frozen) && r.replicated(frozen.Object):
			if err := r.freezeObject(frozen); err != nil {
				return nil, err
			}
		case errors.As(err, &gone) && len(r.mappings) > 1 && r.replicated(gone.Object):
			r.o.Log.WithField("object", gone.Object).WithError(err).Warn("an object is no longer visible: its records stay as they were")
			r.leave(gone.Object, ObjectResult{Err: gone})
		default:
			return plans, err
		}
	}
}

func (r *run) describedPlans(ctx context.Context) ([]*plan, error) {
	c, err := r.describe(ctx, r.mappings)
	if err != nil {
		return nil, fmt.Errorf("replicate: %w", err)
	}
	r.catalog = c
	plans := make([]*plan, 0, len(r.mappings))
	for i := range r.mappings {
		p, err := r.newPlan(ctx, c, &r.mappings[i])
		if err != nil {
			return nil, fmt.Errorf("replicate %s: %w", r.mappings[i].Object, err)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

func (r *run) newPlan(ctx context.Context, c catalog, m *schema.Mapping) (*plan, error) {
	o := c[strings.ToLower(m.Object)]
	if !o.Queryable {
		return nil, &ObjectError{Object: o.Name, Reason: "can not be queried"}
	}
	p := &plan{mapping: m, object: o.Name, logsDeletes: o.Replicateable, numbers: map[string]bool{}, order: map[string]int{}, keep: map[string]bool{}}
	var frozen []Frozen
	if _, err := readJSON(r.o.Store, frozenBucket, o.Name, &frozen); err != nil {
		return nil, err
	}
	if err := r.canary(ctx, o, m, frozen); err != nil {
		return nil, err
	}
	if err := r.conditionFields(c, o, m, frozen); err != nil {
		return nil, err
	}
	stored := r.objectMeta(o.Name).Fields
	for _, name := range []string{"SystemModstamp", "LastModifiedDate", "CreatedDate"} {
		if f := fieldOf(o, name); f != nil && f.Filterable {
			p.stampField = f.Name
			break
		}
	}
	if p.stampField == "" {
		return nil, &ObjectError{Object: o.Name, Reason: "has no SystemModstamp: its changes can't be followed"}
	}
	p.hasDeleted = fieldOf(o, "IsDeleted") != nil
	var formulas []string
	for _, path := range m.Fields() {
		spelled, hops, err := c.resolve(o, path)
		was := slices.IndexFunc(stored, func(s string) bool { return strings.EqualFold(s, path) })
		at := slices.IndexFunc(frozen, func(f Frozen) bool { return f.Why == "" && f.Field == spelled })
		switch {
		case err != nil && was < 0: // nothing was ever stored of it: a slip in the mapping
			return nil, err
		case err != nil:
			spelled, hops = stored[was], nil
			r.freeze(p, spelled, frozen)
		case at >= 0 && r.started.Sub(frozen[at].Tried) < thawPause:
			hops = nil
			r.freeze(p, spelled, frozen)
		case at >= 0:
			p.thawed = append(p.thawed, spelled)
		}
		if spelled != "Id" && spelled != p.stampField && spelled != "IsDeleted" && !slices.Contains(p.paths, spelled) {
			p.paths = append(p.paths, spelled)
		}
		f := fieldOf(o, path)
		p.volatile = p.volatile || len(hops) > 0 || f != nil && f.Calculated
		if f != nil && f.Calculated && err == nil {
			formulas = append(formulas, f.Name)
		}
		for _, h := range hops {
			if !slices.ContainsFunc(p.hops, func(x hop) bool { return x.reference == h.reference }) {
				p.hops = append(p.hops, h)
			}
		}
	}
	for _, a := range m.Attributes {
		t, ok := r.o.Schema.Attribute(a.Name)
		if !ok {
			continue
		}
		p.numbers[t.Name] = t.Syntax.IsNumber()
		if _, placed := p.order[t.Name]; !placed {
			p.order[t.Name] = len(p.order)
		}
	}
	var err error
	if p.where, err = condition(m.Where); err != nil {
		return nil, fmt.Errorf("replicator: where %q: %w", m.Where, err)
	}
	if err := errors.Join(r.drift(p), r.noteFrozen(p, frozen)); err != nil {
		return nil, err
	}
	p.fingerprint = r.planFingerprint(p)
	if len(formulas) > 0 && r.objectMeta(p.object).Fingerprint != p.fingerprint { // once for a mapping
		r.note(p.object + ": a change of " + strings.Join(formulas, ", ") + " does not move the record's time stamp (formula fields): " +
			"it is seen by full runs and by reconcile only")
	}
	return p, nil
}

// planFingerprint changes whenever the same record would become another entry, or other records would come.
func (r *run) planFingerprint(p *plan) string {
	description := struct {
		Version, Org, URL, Object, Where, Stamp string
		Location                                any
		Names                                   string
		Paths, Countries                        []string
		Attributes                              [][]string
		URLs                                    []string
	}{
		Version: fmt.Sprint(normaliserVersion), Org: r.org.ID, URL: r.org.URL, Object: p.object, Where: p.where, Stamp: p.stampField,
		Location: r.o.Parser.Location(), Names: fmt.Sprint(name.Version, " texts ", r.o.Store.Collation(), " lists ", store.ListsVersion), Paths: p.paths, Countries: p.mapping.CountryFields,
	}
	for _, a := range p.mapping.Attributes {
		row := []string{a.Name}
		for _, t := range a.Templates {
			row = append(row, t.String())
		}
		description.Attributes = append(description.Attributes, row)
	}
	for _, t := range p.mapping.ContactURLs {
		description.URLs = append(description.URLs, t.String())
	}
	text, err := json.Marshal(description)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// position is a place in an object's records: behind the record with this stamp and Id.
type position struct {
	stamp time.Time
	id    soap.ID
}

const soqlTime = "2006-01-02T15:04:05.000Z"

func (p *plan) fields() string {
	fields := "Id, " + p.stampField
	for _, path := range p.paths {
		if !slices.ContainsFunc(p.frozen, func(f Frozen) bool { return f.Field == path }) {
			fields += ", " + path
		}
	}
	return fields
}

// from joins conditions to "FROM object WHERE …". Empty ones are left out.
func (p *plan) from(conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(s string) bool { return s == "" })
	if len(conditions) == 0 {
		return " FROM " + p.object
	}
	return " FROM " + p.object + " WHERE " + strings.Join(conditions, " AND ")
}

func (p *plan) condition() string {
	if p.where == "" {
		return ""
	}
	return "(" + p.where + ")"
}

func behind(id soap.ID) string {
	if id == "" {
		return ""
	}
	return "Id > '" + string(id) + "'"
}

// loadQuery selects all records behind a position, and up to an Id if one is given, in Id order.
func (p *plan) loadQuery(until string) func(after position) string {
	return func(after position) string {
		return "SELECT " + p.fields() + p.from(p.condition(), behind(after.id), upTo(until)) + " ORDER BY Id"
	}
}

func upTo(id string) string {
	if id == "" {
		return ""
	}
	return "Id <= '" + id + "'"
}

// sweepQuery selects Ids and stamps only.
func (p *plan) sweepQuery(after position) string {
	return "SELECT Id, " + p.stampField + p.from(p.condition(), behind(after.id)) + " ORDER BY Id"
}

// changesQuery selects the records changed at or after from, behind a position, whether they meet the condition or not.
func (p *plan) changesQuery(from time.Time, after position) string {
	fields := p.fields()
	if p.hasDeleted {
		fields += ", IsDeleted"
	}
	since := p.stampField + " >= " + from.UTC().Format(soqlTime)
	if after.id != "" {
		t := after.stamp.UTC().Format(soqlTime)
		since = "((" + p.stampField + " = " + t + " AND " + behind(after.id) + ") OR " + p.stampField + " > " + t + ")"
	}
	return "SELECT " + fields + p.from(since) + " ORDER BY " + p.stampField + ", Id"
}

// fetchQuery selects records by a list of Ids in a field.
func (p *plan) fetchQuery(field string, ids []string, fields, after string) string {
	return "SELECT " + fields + p.from(p.condition(), field+" IN ('"+strings.Join(ids, "','")+"')", after) + " ORDER BY Id"
}

func (p *plan) countQuery(conditions ...string) string {
	return "SELECT COUNT()" + p.from(append([]string{p.condition()}, conditions...)...)
}
