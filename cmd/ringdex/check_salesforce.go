package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringdex/soap"
)

// certificateWarning is how long before its end a certificate is worth a note.
const certificateWarning = 30 * 24 * time.Hour

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
	if len(seen) > 0 {
		k.note("permissions", "compare the counts above with those that an administrator sees; where they are less, give the user View All on the object",
			"the user may read %s. Whether it has View All cannot be told from here: without it, records that are not shared with the user are missing", strings.Join(seen, ", "))
	}
	fields, bad := 0, 0
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
			k.fail("fields", p)
			bad++
		}
		fields += len(m.Fields())
	}
	if bad == 0 {
		k.ok("fields", "all %d mapped fields can be read", fields)
	}
}
