package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// visibility says how many of an object's records the user sees. Without View All a query succeeds with fewer records,
// and nothing else tells.
type visibility struct {
	object string
	state  visibilityState
	why    string // of seesAll
}

type visibilityState int

const (
	seesUnknown visibilityState = iota // the user may not read its own permissions
	seesAll
	seesShared // only what is shared with the user
)

// visibilities asks the org what the user may see, at most four calls. What a user without View Setup and Configuration
// may not ask is seesUnknown (since API version 49.0).
func (o *org) visibilities(ctx context.Context, objects []string) ([]visibility, error) {
	out := make([]visibility, len(objects))
	for i, name := range objects {
		out[i].object = name
	}
	access, _, err := o.ask(ctx, "SELECT PermissionsViewAllData FROM UserPermissionAccess")
	if err != nil {
		return nil, err
	}
	if len(access) == 1 && access[0].Field("PermissionsViewAllData") == "true" {
		for i := range out {
			out[i].state, out[i].why = seesAll, "View All Data"
		}
		return out, nil
	}
	sharing, err := o.sharing(ctx, objects)
	if err != nil {
		return nil, err
	}
	viewAll, known, err := o.viewAll(ctx, objects)
	if err != nil {
		return nil, err
	}
	for i, name := range objects {
		v := &out[i]
		switch {
		case slices.Contains(viewAll, name):
			v.state, v.why = seesAll, "View All Records"
		case openToAll(sharing, name):
			v.state, v.why = seesAll, "the org shares them with every user"
		case known:
			v.state = seesShared
		}
	}
	return out, nil
}

// ask makes a query whose objects the user may not be allowed to see: known is false then.
func (o *org) ask(ctx context.Context, soql string) (records []soap.Record, known bool, err error) {
	cursor := o.client.Query(ctx, soql, soap.QueryOptions{})
	for {
		page, err := cursor.Page(ctx)
		var fault *soap.Fault
		switch {
		case errors.Is(err, io.EOF):
			return records, true, nil
		case errors.As(err, &fault) && !errors.Is(err, soap.ErrTemporary) && !errors.Is(err, soap.ErrSession) && !errors.Is(err, soap.ErrLimit):
			return nil, false, nil
		case err != nil:
			return nil, false, salesforceError(err)
		}
		records = append(records, page.Records...)
	}
}

// sharing reads the sharing defaults of objects and of Account, which decides about contacts.
func (o *org) sharing(ctx context.Context, objects []string) (map[string]string, error) {
	names := objects
	if !slices.Contains(names, "Account") {
		names = append(slices.Clone(names), "Account")
	}
	records, _, err := o.ask(ctx, "SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN "+soqlList(names))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i := range records {
		out[records[i].Field("QualifiedApiName")] = records[i].Field("InternalSharingModel")
	}
	return out, nil
}

// openToAll reports a sharing default under which every internal user reads every record.
func openToAll(sharing map[string]string, object string) bool {
	switch sharing[object] {
	case "Read", "ReadWrite", "ReadWriteTransfer", "FullAccess":
		return true
	case "ControlledByParent":
		return object == "Contact" && openToAll(sharing, "Account")
	}
	return false
}

// viewAll lists the objects for which a permission set of the user, that of its profile among them, has View All Records.
func (o *org) viewAll(ctx context.Context, objects []string) (list []string, known bool, err error) {
	sets, known, err := o.ask(ctx, "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '"+string(o.session.UserID)+"'")
	if err != nil || !known || len(sets) == 0 {
		return nil, false, err // every user has at least the set of its profile: none means that they are hidden
	}
	var ids []string
	for i := range sets {
		ids = append(ids, sets[i].Field("PermissionSetId"))
	}
	records, known, err := o.ask(ctx, "SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords = true AND SobjectType IN "+soqlList(objects)+" AND ParentId IN "+soqlList(ids))
	if err != nil || !known {
		return nil, false, err
	}
	for i := range records {
		list = append(list, records[i].Field("SobjectType"))
	}
	return list, true, nil
}

// hiddenFields lists the fields of an object that field-level security shows to somebody and not to our user; known is
// false where the user may not ask. Fields that everybody sees have no permission, and are not in it.
func (o *org) hiddenFields(ctx context.Context, object string) (fields []string, known bool, err error) {
	records, known, err := o.ask(ctx, "SELECT Field FROM FieldPermissions WHERE SobjectType = '"+object+"' GROUP BY Field")
	if err != nil || !known {
		return nil, false, err
	}
	d := o.described(object)
	for i := range records {
		_, name, _ := strings.Cut(records[i].Field("Field"), ".")
		if _, visible := d.Field(name); name != "" && !visible {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields, true, nil
}

// explain tells a field that is hidden from one that does not exist: by field-level security where the user may read
// that, else by what every org has.
func (p *fieldProblem) explain(ctx context.Context, o *org) error {
	hidden, _, err := o.hiddenFields(ctx, p.at)
	if err != nil {
		return err
	}
	for _, name := range p.fields() {
		if slices.ContainsFunc(hidden, func(h string) bool { return strings.EqualFold(h, name) }) {
			p.hidden = p.at + "." + name
		}
	}
	if base, standard := schema.DefaultMapping(p.at); standard && p.hidden == "" {
		for _, path := range base.Fields() {
			for _, name := range p.fields() {
				if strings.EqualFold(path, name) {
					p.hidden = p.at + "." + path
				}
			}
		}
	}
	return nil
}

// fields are the names that the missing part of a path may have in field-level security: a relationship Account is the
// field AccountId, and Owner__r is Owner__c.
func (p *fieldProblem) fields() []string {
	if custom, ok := strings.CutSuffix(p.segment, "__r"); ok {
		return []string{custom + "__c"}
	}
	return []string{p.segment, p.segment + "Id"}
}

// soqlList is a list of texts for IN.
func soqlList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// permissions reports View All, object by object.
func (k *chain) permissions(ctx context.Context, objects []string) {
	if len(objects) == 0 {
		k.skip("permissions", "needs an object that the user sees")
		return
	}
	list, err := k.org.visibilities(ctx, objects)
	if err != nil {
		k.fail("permissions", err)
		return
	}
	var all, shared, unknown []string
	for _, v := range list {
		switch v.state {
		case seesAll:
			all = append(all, fmt.Sprintf("%s (%s)", v.object, v.why))
		case seesShared:
			shared = append(shared, v.object)
		case seesUnknown:
			unknown = append(unknown, v.object)
		}
	}
	if len(all) > 0 {
		k.ok("permissions", "the user sees all records of %s", strings.Join(all, ", "))
	}
	if len(shared) > 0 {
		k.note("permissions", "Setup, Permission Sets, that of the user, Object Settings, "+strings.Join(shared, " and ")+": View All Records; leave it so if the user shall see a part only",
			"the user sees only those records of %s that are shared with it: the others are missing on the phones", strings.Join(shared, ", "))
	}
	if len(unknown) > 0 {
		k.note("permissions", "give the user View Setup and Configuration and check again; or compare the counts above with those that an administrator sees",
			"whether the user sees all records of %s cannot be told: it may not read its own permissions", strings.Join(unknown, ", "))
	}
}
