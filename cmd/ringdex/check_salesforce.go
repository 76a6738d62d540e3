package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/schema"
	"ringdex/soap"
)

// salesforce checks what needs a login.
func (k *chain) salesforce(ctx context.Context) {
	var err error
	if k.org, err = openOrg(ctx, k.cfg, k.environment); err != nil {
		k.fail("login", loginError(k.cfg, err))
		for _, name := range []string{"api", "permissions", "objects", "fields"} {
			k.skip(name, "needs the login")
		}
		return
	}
	defer k.org.close(ctx)
	u := k.org.session.User
	kind := "production"
	if k.org.session.Sandbox {
		kind = "sandbox"
	}
	k.ok("login", "by %s as %s to %s %s (%s)", k.cfg.Salesforce.Login, u.UserName, u.OrganizationName, k.org.session.OrganizationID, kind)
	k.api(time.Now())
	k.objects(ctx)
}

func (k *chain) api(now time.Time) {
	text := "version " + k.cfg.Salesforce.APIVersion
	if current, limit, ok := k.org.client.Limits(); ok {
		text += fmt.Sprintf(", %s of %s API calls used in 24 hours", thousands(current), thousands(limit))
		if limit > 0 && current*5 > limit*4 {
			k.note("api", "replicate less often, or ask for a higher limit: beyond 80 % deltas are put off", "%s", text)
			return
		}
	}
	if k.cfg.Salesforce.Login != "soap" {
		k.ok("api", "%s", text)
		return
	}
	left := soap.LoginEnds().Sub(now)
	text += fmt.Sprintf("; SOAP login ends in %d days (%s)", int(left.Hours()/24), soap.LoginEnds().Format("2006-01-02"))
	try := "change to OAuth in time: ringdex wizard --login client_credentials"
	switch {
	case left < 0:
		k.fail("api", &hintError{errors.New(text), try})
	case left < loginWarning:
		k.note("api", try, "%s", text)
	default:
		k.ok("api", "%s", text)
	}
}

// objects checks permissions, objects and fields.
func (k *chain) objects(ctx context.Context) {
	mappings, err := k.cfg.Mappings()
	if err != nil {
		k.fail("objects", err)
		return
	}
	var seen, counted []string
	total := 0
	for i := range mappings {
		m := &mappings[i]
		if err := k.org.describe(ctx, m.Object); err != nil {
			k.fail("objects", err)
			continue
		}
		seen = append(seen, m.Object)
		n, err := k.org.count(ctx, m)
		if err != nil {
			k.fail("objects", err)
			continue
		}
		total += n
		counted = append(counted, fmt.Sprintf("%s %s records", m.Object, thousands(n)))
	}
	if len(counted) == len(mappings) {
		if total == 0 {
			k.note("objects", "see whether the user may read the records (View All on the objects), and the where conditions", "%s", strings.Join(counted, ", "))
		} else {
			k.ok("objects", "%s", strings.Join(counted, ", "))
		}
	}
	k.permissions(ctx, seen)
	k.fields(ctx, mappings)
}

// fields tries every mapped field, and names those that are hidden.
func (k *chain) fields(ctx context.Context, mappings []schema.Mapping) {
	fields, bad := 0, 0
	var others, formulas []string
	for i := range mappings {
		m := &mappings[i]
		if k.org.details[strings.ToLower(m.Object)] == nil {
			continue
		}
		problems, err := k.org.missingFields(ctx, m)
		if err != nil {
			k.fail("fields", salesforceError(err))
			return
		}
		for _, p := range problems {
			if err := p.explain(ctx, k.org); err != nil {
				k.fail("fields", err)
				return
			}
			k.fail("fields", p)
			bad++
		}
		fields += len(m.Fields())
		for _, f := range k.org.details[strings.ToLower(m.Object)].Fields {
			if f.Calculated && slices.ContainsFunc(m.Fields(), func(path string) bool { return strings.EqualFold(path, f.Name) }) {
				formulas = append(formulas, m.Object+"."+f.Name)
			}
		}
		hidden, _, err := k.org.hiddenFields(ctx, m.Object)
		if err != nil {
			k.fail("fields", err)
			return
		}
		for _, name := range hidden {
			if !slices.ContainsFunc(problems, func(p *fieldProblem) bool { return p.hidden == m.Object+"."+name }) {
				others = append(others, m.Object+"."+name)
			}
		}
	}
	text := ""
	if len(others) > 0 {
		text = "; hidden from the user, and not mapped: " + strings.Join(others[:min(len(others), hiddenListed)], ", ")
		if more := len(others) - hiddenListed; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
	}
	if len(formulas) > 0 {
		text += "; formulas, whose changes are seen by full runs and by schedule.reconcile only: " + strings.Join(formulas, ", ")
	}
	if bad == 0 && fields > 0 {
		k.ok("fields", "all %d mapped fields can be read%s", fields, text)
	}
}

// hiddenListed is how many hidden fields that nobody asked for are named.
const hiddenListed = 8
