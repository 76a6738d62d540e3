package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/directory"
	"ringdex/replicator"
)

var updateHandsets = flag.Bool("update-handsets", false, "rewrite the made parts of HANDSETS.md")

// TestHandsetsAreCurrent holds HANDSETS.md against the models and profiles that it is made from.
func TestHandsetsAreCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(repositoryRoot(t), "ldapserver", "HANDSETS.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := handsets(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if *updateHandsets {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("HANDSETS.md is not current: run make docs")
	}
	_, example, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	cfg, err := parseConfig([]byte(example), "the example")
	if err != nil {
		t.Fatal(err)
	}
	s, err := cfg.Schema(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.checkProfiles(s); err != nil || len(cfg.Profiles) != 1 {
		t.Errorf("the example has %d profiles, %v", len(cfg.Profiles), err)
	}
}

// TestPhoneUse holds what a recipe says to do against what the table says that works.
func TestPhoneUse(t *testing.T) {
	t.Parallel()
	for _, m := range phoneModels() {
		if m.use.save == "" || (m.use.browse != "") != (m.support.name == "yes") || (m.use.ring != "") != (m.support.call == "yes") {
			t.Errorf("%s: what to do %+v, what works %+v", m.name, m.use, m.support)
		}
	}
}

// TestPhoneFiltersFindAnna sends the filters that phones prints for every model to the server of the configuration that
// they are printed from, as the device would.
func TestPhoneFiltersFindAnna(t *testing.T) {
	t.Parallel()
	org, err := startDemoOrg()
	if err != nil {
		t.Fatal(err)
	}
	defer org.Close()
	cfg, err := writeDemoConfig(t.TempDir(), org.URL(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secrets := &secretSet{}
	log, err := newLogger(&strings.Builder{}, LogConfig{Level: "error", Format: "text"}, secrets)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDaemon(cfg, log, secrets)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	if _, err := d.Replicate(ctx, replicateRequest{Full: true}, func(replicator.Progress) {}); err != nil {
		stop()
		d.close()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	defer func() {
		stop()
		<-ended
	}()
	conn, err := ldap.DialURL("ldap://" + d.addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// As the exchange shows the call: with the outside line.
	const asked, suffix = "006990009456", "90009456"
	for _, m := range phoneModels() {
		sheet, err := cfg.phoneSheet(&m, "")
		if err != nil {
			t.Fatal(err)
		}
		sent := map[string]bool{}
		for _, row := range sheet.Settings {
			if row.setting.search == nil {
				continue
			}
			for _, kind := range []string{searchName, searchNumber} {
				if !strings.Contains(row.Search, kind) {
					continue
				}
				typed := map[string]string{searchName: "Mül", searchNumber: asked}[kind]
				if strings.HasPrefix(row.Value, "cn:") {
					typed = "Ann"
				}
				filter := row.setting.search.wire(row.Value, typed)
				res, err := conn.Search(ldap.NewSearchRequest(sheet.Server.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 50, 0, false, filter, []string{"cn", "sn", "telephoneNumber"}, nil))
				if err != nil {
					t.Errorf("%s, %s: %s: %v", m.name, row.Name, filter, err)
					continue
				}
				at := -1
				for i, e := range res.Entries {
					if at < 0 && e.GetAttributeValue("cn") == "Anna Müller" {
						at = i
					}
				}
				if at < 0 || kind == searchNumber && at != 0 {
					t.Errorf("%s, %s: %s finds Anna at %d of %d", m.name, row.Name, filter, at, len(res.Entries))
					continue
				}
				number := res.Entries[at].GetAttributeValue("telephoneNumber")
				if b, _ := directory.BuiltinNamed(m.profile); b.Numbers == directory.NumbersDialable && !strings.HasPrefix(number, "0") || !strings.HasSuffix(number, suffix) {
					t.Errorf("%s: answered %s", m.name, number)
				}
				if m.name == "linphone" && kind == searchNumber && number != asked {
					t.Errorf("linphone asked %s and is answered %s", asked, number)
				}
				sent[kind] = true
			}
		}
		want := map[string]bool{searchName: m.support.name == "yes", searchNumber: m.support.call == "yes"}
		for kind, is := range want {
			if is != sent[kind] {
				t.Errorf("%s: HANDSETS.md says %v of searches by %s, and the settings %v", m.name, is, kind, sent[kind])
			}
		}
	}
}

func TestPhoneSheets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, fmt.Sprintf("%d.yaml", len(text)))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hash, err := directory.HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	full := write(`ldap:
  base: dc=example,dc=org
  listen: ["192.0.2.10:3389"]
  ldaps: ["192.0.2.10:636"]
  tls: { certificate: a.pem, key: a.key }
  users: { phone: "` + hash + `", hall: "` + hash + `" }
profiles:
  hall: { like: snom, users: [hall] }
`)
	for name, c := range map[string]struct {
		args []string
		want []string
		not  []string
	}{
		"LDAPS where the phone knows it": {
			[]string{"phones", "snom", "--config", full},
			[]string{`<ldap_server perm="">192.0.2.10</ldap_server>`, `<ldap_port perm="">636</ldap_port>`, `<ldap_over_tls perm="">on</ldap_over_tls>`, `<ldap_base perm="">ou=snom,dc=example,dc=org</ldap_base>`, `<ldap_password perm="">PASSWORD</ldap_password>`, "--profile hall"},
			[]string{"unprotected"},
		},
		"StartTLS else":               {[]string{"phones", "linphone", "--config", full}, []string{"server=ldap://192.0.2.10:3389", "use_tls=1", "bind_dn=cn=hall,dc=example,dc=org"}, nil},
		"a profile of one's own":      {[]string{"phones", "Snom", "--profile", "hall", "--config", full}, []string{"ou=hall,dc=example,dc=org", `<ldap_username perm="">hall</ldap_username>`}, nil},
		"markup is escaped":           {[]string{"phones", "poly", "--config", full}, []string{`dir.corp.address="ldaps://192.0.2.10"`}, nil},
		"the list":                    {[]string{"phones", "--config", full}, []string{"kamailio", "outlook", "hall", "like snom", "ou=PROFILE,dc=example,dc=org"}, nil},
		"the list as JSON":            {[]string{"phones", "--json", "--config", full}, []string{`"model": "yealink"`, `"base": "ou=yealink,dc=example,dc=org"`, "manual"}, nil},
		"this machine only":           {[]string{"phones", "yealink", "--config", write("ldap: {}\n")}, []string{"warning: 127.0.0.1:3389 is reached from this machine only", "warning: phones may not read"}, nil},
		"no listener that it can use": {[]string{"phones", "sangoma", "--config", full}, nil, nil},
		"a listener that wants TLS":   {[]string{"phones", "snom", "--config", write("ldap: { listeners: { safe: { address: \"192.0.2.10:389\", mode: starttls_required } }, tls: { certificate: a.pem, key: a.key } }\n")}, []string{"warning: no listener of the configuration has a protection that this device knows (none, LDAPS)"}, nil},
		"anonymous from a network":    {[]string{"phones", "yealink", "--config", write("ldap: { listen: [\"192.0.2.10:3389\"], anonymous: [192.0.2.0/24] }\n")}, []string{"ldap.user =\nldap.password =\n", "only the networks under ldap.anonymous", "unprotected"}, []string{"warning", "PASSWORD"}},
		"an address of IPv6":          {[]string{"phones", "kamailio", "--config", write("ldap: { listen: [\"[2001:db8::1]:3389\"], anonymous: always }\n")}, []string{"ldap://[2001:db8::1]:3389"}, nil},
		"an unspecified address":      {[]string{"phones", "yealink", "--config", write("ldap: { listen: [\":3389\"], anonymous: always }\n")}, []string{"ldap.port = 3389"}, []string{"ldap.host = \n", "warning"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs strings.Builder
			code := Run(context.Background(), append([]string{"ringdex"}, c.args...), Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
			if c.want == nil {
				if code != exitUsage || !strings.Contains(errs.String(), "there is no model sangoma") {
					t.Errorf("code %d: %s", code, errs.String())
				}
				return
			}
			if code != exitOK {
				t.Fatalf("code %d: %s", code, errs.String())
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in\n%s", w, out.String())
				}
			}
			for _, n := range append(c.not, "argon2id", hash) {
				if strings.Contains(out.String(), n) {
					t.Errorf("%q in\n%s", n, out.String())
				}
			}
		})
	}
	t.Run("JSON", func(t *testing.T) {
		t.Parallel()
		var sheet phoneSheet
		if err := json.Unmarshal([]byte(run(t, "phones", "yealink", "--json", "--config", full)), &sheet); err != nil {
			t.Fatal(err)
		}
		if sheet.Server.Base != "ou=yealink,dc=example,dc=org" || sheet.Server.TLS != tlsLDAPS || len(sheet.Settings) < 15 {
			t.Errorf("got %+v", sheet)
		}
		for _, row := range sheet.Settings {
			if row.Search != "" && len(row.Value) > 99 {
				t.Errorf("%s has %d characters; a Yealink takes 99", row.Name, len(row.Value))
			}
		}
	})
}

// TestRecipesNameTheirSources: each recipe says what confirms it, and what is left open where a setting is unsure.
func TestRecipesNameTheirSources(t *testing.T) {
	t.Parallel()
	for _, m := range phoneModels() {
		if len(m.sources) == 0 {
			t.Errorf("%s has no source", m.name)
		}
		for _, s := range m.sources {
			if !strings.Contains(s.by, ".") && !strings.Contains(s.by, "SARK") || s.what == "" {
				t.Errorf("%s: %+v names nothing that can be looked up", m.name, s)
			}
		}
		unsure := slices.ContainsFunc(m.settings, func(s phoneSetting) bool { return s.unsure })
		if unsure && m.open == "" {
			t.Errorf("%s has unsure settings, and doesn't say that anything is open", m.name)
		}
	}
}
