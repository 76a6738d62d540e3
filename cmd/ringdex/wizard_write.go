package main

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configText builds a configuration file. What the wizard does not ask for is taken over from the source.
type configText struct {
	bytes.Buffer
	source *yaml.Node // mapping of the present file, or nil
	err    error
}

// renderConfig writes a configuration with comments that explain it. The same configuration gives the same bytes.
func renderConfig(c *Config, source *yaml.Node) ([]byte, error) {
	t := &configText{source: source}
	t.line("# ringdex: which Salesforce org is read, and how phones ask. Run ringdex wizard again to change it with questions;")
	t.line("# ringdex check tries all of it. Secrets never stand here, only where they lie: env:NAME (environment variable),")
	t.line("# file:PATH (mode 0600, relative to this file) or credential:NAME (systemd).")
	t.salesforce(&c.Salesforce)
	t.objects(c.Objects)
	t.dialling(&c.Dialling)
	t.ldap(&c.LDAP)
	t.line("")
	t.line("# delta: how often changes are fetched. full: when everything is fetched anew. reconcile: how often Ids and stamps of all")
	t.line(`# records are compared, for what a delta can't see. An interval (5m), a local time of day ("02:30"), or never.`)
	t.line("schedule:")
	t.value("delta", c.Schedule.Delta)
	t.value("full", c.Schedule.Full)
	t.value("reconcile", c.Schedule.Reconcile)
	t.rest("schedule", "delta", "full", "reconcile")
	t.line("")
	t.line("# The local copy: a file that can always be made anew.")
	t.line("store: %s", scalar(c.Store))
	t.rest("", "salesforce", "objects", "dialling", "ldap", "schedule", "store")
	return t.Bytes(), t.err
}

func (t *configText) salesforce(sf *SalesforceConfig) {
	t.line("")
	t.line("# How ringdex logs in: %s.", strings.Join(loginNames(), ", "))
	if sf.Login == "soap" {
		t.line("# The security token comes by mail (Salesforce, personal settings, Reset My Security Token) and changes with the password.")
	}
	t.line("salesforce:")
	t.value("login", sf.Login)
	t.value("url", sf.URL)
	t.value("api_version", sf.APIVersion)
	known := []string{"login", "url", "api_version", "allowed_hosts", "ca_file"}
	for _, v := range sf.loginValues() {
		known = append(known, v.key)
		switch {
		case v.empty():
		case v.ref != nil:
			t.value(v.key, string(*v.ref))
		default:
			t.value(v.key, *v.text)
		}
	}
	if len(sf.AllowedHosts) > 0 {
		t.line("  # Hosts that ringdex may speak to beside *.salesforce.com and *.force.com.")
		t.line("  allowed_hosts: %s", flow(sf.AllowedHosts))
	}
	if sf.CAFile != "" {
		t.line("  # Certificate authorities that are trusted beside the system's: a proxy that inspects TLS has its own.")
		t.value("ca_file", sf.CAFile)
	}
	t.rest("salesforce", known...)
}

func (t *configText) objects(objects ObjectsConfig) {
	t.line("")
	t.line("# What is copied. attributes: LDAP attribute and how its value is made: \"{Field}\", \"{Parent.Field}\", \"{A|B}\" for the")
	t.line("# first that is not empty; a list gives more values. The first number is the one that phones show first. where: a SOQL")
	t.line("# condition; what does not match is not copied. leave_out: Ids of single records that are not copied. contact_urls:")
	t.line("# up to three addresses, in the order in which they are shown.")
	t.line("objects:")
	for _, o := range objects {
		if o.Where == "" && len(o.LeaveOut) == 0 && len(o.Attributes) == 0 && o.ContactURLs == nil && o.CountryFields == nil && o.Canary == "" {
			t.line("  %s: {}   # the default mapping", scalar(o.Name))
			continue
		}
		t.line("  %s:", scalar(o.Name))
		if o.Where != "" {
			t.line("    where: %s", strconv.Quote(o.Where))
		}
		if len(o.LeaveOut) > 0 {
			t.line("    leave_out: %s", flow(o.LeaveOut))
		}
		if len(o.Attributes) > 0 {
			t.line("    attributes:")
		}
		for _, a := range o.Attributes {
			if len(a.Templates) == 1 {
				t.line("      %s: %s", scalar(a.Name), strconv.Quote(a.Templates[0]))
				continue
			}
			t.line("      %s: %s", scalar(a.Name), flow(a.Templates))
		}
		if o.ContactURLs != nil {
			t.line("    contact_urls: %s", flow(o.ContactURLs))
		}
		if o.CountryFields != nil {
			t.line("    country_fields: %s", flow(o.CountryFields))
		}
		if o.Canary != "" {
			t.line("    canary: %s", scalar(o.Canary))
		}
	}
}

func (t *configText) dialling(d *DiallingConfig) {
	t.line("")
	t.line("# Where the phones stand: how a number without country code, or with the outside line before it, is read.")
	t.line("dialling:")
	t.value("country", d.Country)
	t.value("area", d.Area)
	t.value("outside_line", d.OutsideLine)
	t.line("  # Our own main number, without area code and extension, and how long our extensions are.")
	t.value("head_number", d.HeadNumber)
	t.line("  internal_digits: %d", d.InternalDigits)
	t.rest("dialling", "country", "area", "outside_line", "head_number", "internal_digits")
}

func (t *configText) ldap(l *LDAPConfig) {
	t.line("")
	t.line("# The directory. Phones get base and a listener's address.")
	t.line("ldap:")
	t.value("base", l.Base)
	t.line("  listen: %s", flow(l.Listen))
	if len(l.LDAPS) > 0 {
		t.line("  ldaps: %s", flow(l.LDAPS))
	}
	if l.TLS.SelfSigned {
		t.line("  tls: { self_signed: true }")
	}
	if l.TLS.Certificate != "" {
		t.line("  tls: { certificate: %s, key: %s }", strconv.Quote(l.TLS.Certificate), strconv.Quote(l.TLS.Key))
	}
	if len(l.Users) == 0 {
		t.line("  # Name or DN, and the hash of a password: ringdex hash-password.")
		t.line("  users: {}")
	} else {
		t.line("  users:")
		for _, name := range slices.Sorted(maps.Keys(l.Users)) {
			text, err := l.Users[name].text()
			if err != nil {
				t.err = err
			}
			t.line("    %s: %s", scalar(name), text)
		}
	}
	t.line("  # Who may read without a user: never, loopback, a list of networks, or always.")
	t.line("  anonymous: %s", l.Anonymous.text())
	if l.SizeLimit > 0 {
		t.line("  size_limit: %d", l.SizeLimit)
	}
	t.rest("ldap", "base", "listen", "ldaps", "tls", "users", "anonymous", "size_limit")
}

// text is the form that UnmarshalYAML reads.
func (a AnonymousConfig) text() string {
	switch {
	case a.Always:
		return "always"
	case a.Never:
		return "never"
	case len(a.Networks) == 0:
		return "loopback"
	}
	return flow(a.words())
}

// words are the networks, and loopback where that is one.
func (a AnonymousConfig) words() []string {
	var list []string
	if a.Loopback {
		list = append(list, "loopback")
	}
	for _, n := range a.Networks {
		list = append(list, n.String())
	}
	return list
}

func (t *configText) line(format string, args ...any) {
	fmt.Fprintf(&t.Buffer, format+"\n", args...)
}

func (t *configText) value(key, value string) { t.line("  %s: %s", key, scalar(value)) }

// rest takes over the keys of a section that are not among the known ones; "" is the top.
func (t *configText) rest(section string, known ...string) {
	node, indent := t.source, ""
	if section != "" {
		node, indent = child(t.source, section), "  "
	}
	if node == nil || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if slices.Contains(known, node.Content[i].Value) {
			continue
		}
		one := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{node.Content[i], node.Content[i+1]}}
		var b bytes.Buffer
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(one); err != nil {
			t.err = fmt.Errorf("take over %s: %w", node.Content[i].Value, err)
			return
		}
		if section == "" {
			t.line("")
		}
		for line := range strings.Lines(b.String()) {
			t.WriteString(indent + line)
		}
	}
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// scalar spells a value so that it is read back as that text.
func scalar(s string) string {
	if strings.ContainsAny(s, "\n\r\t") {
		return strconv.Quote(s)
	}
	data, err := yaml.Marshal(s)
	if err != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSpace(string(data))
}

func flow(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// sameConfig reports that a file says what a configuration says.
func sameConfig(c *Config, present []byte) (bool, error) {
	p, err := parseConfig(present, c.given)
	if err != nil {
		return false, err
	}
	a, b := withoutPlaces(c), withoutPlaces(p)
	return reflect.DeepEqual(a, b), nil
}

// withoutPlaces is a configuration without paths and lines.
func withoutPlaces(c *Config) Config {
	out := *c
	out.path, out.given, out.typed = "", "", nil
	out.Profiles = maps.Clone(c.Profiles)
	for name, p := range out.Profiles {
		p.line, p.Made = 0, slices.Clone(p.Made)
		for i := range p.Made {
			p.Made[i].line = 0
		}
		out.Profiles[name] = p
	}
	out.Objects = slices.Clone(c.Objects)
	for i := range out.Objects {
		o := &out.Objects[i]
		o.line = 0
		o.Attributes = slices.Clone(o.Attributes)
		for j := range o.Attributes {
			o.Attributes[j].line = 0
		}
		if len(o.Attributes) == 0 {
			o.Attributes = nil
		}
		if len(o.LeaveOut) == 0 {
			o.LeaveOut = nil
		}
	}
	if len(out.Salesforce.AllowedHosts) == 0 {
		out.Salesforce.AllowedHosts = nil
	}
	if len(out.LDAP.Users) == 0 {
		out.LDAP.Users = nil
	}
	return out
}
