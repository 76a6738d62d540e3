package emulator

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Reset puts the org back to how it started: records, fields, sessions, faults, counters, clock and settings.
func (o *Org) Reset() error {
	rules := make([]*rule, len(o.options.Faults))
	for i, spec := range o.options.Faults {
		r, err := parseRule(spec)
		if err != nil {
			return err
		}
		rules[i] = r
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.objects, o.names = map[string]*object{}, nil
	o.lower, o.prefixes = map[string]*object{}, map[string]*object{}
	o.orgID = o.options.OrgID
	o.lastID = 1 << 20
	o.settings = Settings{SessionSeconds: defaultSession, DailyLimit: o.options.DailyLimit}
	o.permissions = defaultPermissions()
	o.frozen, o.ahead, o.serverURLs = time.Time{}, 0, ""
	o.sessions = sessions{live: map[string]*session{}}
	o.oauth = newOAuthState()
	o.script = script{rules: rules}
	o.usage = usage{calls: map[string]int{}, hours: map[int64]int{}}
	setup, err := setupObjects()
	if err != nil {
		return err
	}
	o.setup = setup
	standard, err := standardObjects()
	if err != nil {
		return err
	}
	for _, obj := range standard {
		o.register(obj)
	}
	if err := o.addUsers(); err != nil {
		return err
	}
	if g := o.options.Generate; g != nil {
		if err := o.generate(*g); err != nil {
			return err
		}
	}
	if o.options.DataDir != "" {
		if err := o.load(o.options.DataDir); err != nil {
			return err
		}
	}
	o.settle()
	return nil
}

// addUsers makes the integration user and some owners of records.
func (o *Org) addUsers() error {
	user := o.objects["User"]
	o.userID = string(appendMadeID(nil, user.prefix, "E0", 1))
	stamp := formatDateTime(fixedTime().Unix())
	for i, name := range []string{"Integration User", "Jana Bergmann", "Tobias Öztürk", "Claire Dubois", "Megan O'Hara"} {
		first, last, _ := cutName(name)
		values := Values{
			"Id": string(appendMadeID(nil, user.prefix, "E0", uint32(i+1))), "FirstName": first, "LastName": last,
			"Username": fmt.Sprintf("user%d@example.com", i), "Email": fmt.Sprintf("user%d@example.com", i),
			"Alias": fmt.Sprintf("user%d", i), "IsActive": true, "UserType": "Standard", "TimeZoneSidKey": "GMT",
			"LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
			"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp,
		}
		if i == 0 {
			values["Username"], values["Email"] = o.options.Username, nil
		} else {
			values["Extension"] = fmt.Sprint(100 + i)
			values["Phone"] = fmt.Sprintf("+49 30 23125-%d", 100+i)
		}
		if _, err := o.upsert(user, values, 0); err != nil {
			return err
		}
	}
	return nil
}

// SetClock holds the org's time at t until it is advanced; the zero time sets it free.
func (o *Org) SetClock(t time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frozen, o.ahead = t, 0
}

// Advance moves the org's time forward.
func (o *Org) Advance(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.frozen.IsZero() {
		o.ahead += d
		return
	}
	o.frozen = o.frozen.Add(d)
}

// Now is the org's time.
func (o *Org) Now() time.Time {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.now()
}

// Settings gives the org's switches.
func (o *Org) Settings() Settings {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.settings
}

// Configure changes the org's switches.
func (o *Org) Configure(s Settings) error {
	if s.SessionSeconds < 1 || s.DailyLimit < 0 {
		return fmt.Errorf("emulator: session_seconds must be positive and daily_limit not negative")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settings = s
	return nil
}

// Calls tells how often each call was made since the start or Reset, by name. Calls that failed count too.
func (o *Org) Calls() map[string]int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return maps.Clone(o.usage.calls)
}

// Logins tells how many sessions were opened.
func (o *Org) Logins() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.usage.logins
}

// Faults gives the specs of the fault script.
func (o *Org) Faults() []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	out := make([]string, len(o.script.rules))
	for i, r := range o.script.rules {
		out[i] = r.spec
	}
	return out
}

// ID is the 18-character organizationId.
func (o *Org) ID() string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.orgID
}

// IDs gives the Ids of an object's records that a query sees, in order. It is made for tests on small orgs.
func (o *Org) IDs(object string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj := o.object(object)
	if obj == nil {
		return nil
	}
	obj.table.settle()
	e := &evaluation{org: o}
	slots := e.filter(obj.table, slices.Clone(obj.table.byID), nil, binHidden, selection{now: o.now()}, -1)
	out := make([]string, len(slots))
	for i, slot := range slots {
		out[i] = string(obj.table.appendID(nil, slot))
	}
	return out
}
