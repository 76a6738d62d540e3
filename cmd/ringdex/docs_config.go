package main

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyText describes one key of the configuration.
type keyText struct{ form, what string }

// keyTexts describes every key, by its path. A test holds it against the types: none is missing, none is left over.
func keyTexts() map[string]keyText {
	texts := map[string]keyText{
		"salesforce":                  {"section", "which org is read, and how ringdex logs in"},
		"salesforce.login":            {strings.Join(loginNames(), " \\| "), "the way to log in"},
		"salesforce.url":              {"URL", "`https://login.salesforce.com`, `https://test.salesforce.com` for sandboxes, or the org's My Domain, which `client_credentials` needs"},
		"salesforce.api_version":      {"text", "version of the SOAP API; 64.0 is the last one with SOAP login"},
		"salesforce.username":         {"text", "the integration user, for `soap`, `jwt` and `password`"},
		"salesforce.password":         {"secret", "its password, for `soap` and `password`"},
		"salesforce.security_token":   {"secret", "its security token; not needed from a network that the org trusts. It changes with the password"},
		"salesforce.client_id":        {"text", "the app's Consumer Key, for every OAuth login"},
		"salesforce.client_secret":    {"secret", "the app's Consumer Secret"},
		"salesforce.private_key":      {"secret", "the RSA key in PEM form whose certificate the app has, for `jwt`"},
		"salesforce.refresh_token":    {"secret, `file:` only", "for `refresh_token`; `ringdex wizard` gets it by a login in the browser, and an org that exchanges it at each use has the new one written here"},
		"salesforce.audience":         {"URL", "for `jwt`: `https://login.salesforce.com` or `https://test.salesforce.com`; default: the one that fits the URL"},
		"salesforce.allowed_hosts":    {"list of hosts", "hosts that ringdex may speak to beside `*.salesforce.com`, `*.force.com` and `*.salesforce.mil`"},
		"salesforce.ca_file":          {"path", "PEM file with certificate authorities that are trusted towards Salesforce beside the system's: for a proxy that inspects TLS"},
		"salesforce.connections":      {"1 to 8", "how many requests a full run makes at the same time: of several objects, and of parts of a large one"},
		"salesforce.logins_per_hour":  {"1 to 3600", "how many times ringdex logs in at most within an hour, restarts included (`check` and `wizard` don't count); beyond it runs are put off: something ends its sessions"},
		"salesforce.api_percent":      {"1 to 100", "the part of the org's daily API calls that ringdex uses at most; runs beyond it are put off, the first copy never"},
		"salesforce.api_stop_percent": {"1 to 100", "how much of the org's daily API calls may be used, by all that use it, before runs are put off"},
		"objects":                     {"section", "what is copied, by the objects' API names; default: Contact and Account"},
		"objects.NAME.where":          {"SOQL", "a condition; what does not match is not copied"},
		"objects.NAME.leave_out":      {"list of Ids", "single records that are not copied"},
		"objects.NAME.attributes":     {"LDAP attribute: template or list of templates", "how entries are made of records; default: the mapping of Contact, Account, Lead or User. `{Field}`, `{Parent.Field}`, `{A\\|B}` the first that is not empty, `{@org_url}`, `{@object}`"},
		"objects.NAME.contact_urls":   {"list of templates", "up to three addresses of the record, in the order in which phones show them"},
		"objects.NAME.country_fields": {"list of fields", "the fields that say a record's country, best first, for numbers without country code"},
		"objects.NAME.canary":         {"Id", "a record that the user must always see: when it is missing, permission or sharing was lost, and the object stays as it was"},
		"dialling":                    {"section", "where the phones stand"},
		"dialling.country":            {"ISO 3166 code", "how a number without country code is read, where the record says no country"},
		"dialling.area":               {"digits", "our area code without the leading 0"},
		"dialling.outside_line":       {"digits", "what is dialled for an outside line"},
		"dialling.head_number":        {"digits", "our own main number, without area code and extension"},
		"dialling.internal_digits":    {"0 to 8", "how many digits our longest extension has"},
		"names":                       {"section", "how names are ordered"},
		"names.collation":             {"din5007-1 \\| din5007-2", "the order of lists, of sorting and of `>=` and `<=`: ü as u, or as ue. A change takes effect with the next full run, which then comes by itself"},
		"schedule":                    {"section", "when replication repeats"},
		"schedule.delta":              {"interval \\| time of day \\| never", "how often changes are fetched"},
		"schedule.full":               {"interval \\| time of day \\| never", "when everything is fetched anew, in local time"},
		"schedule.reconcile":          {"interval \\| time of day \\| never", "how often Ids and stamps of all records are compared with the store, for what a delta can't see; a full run counts as one"},
		"schedule.jitter":             {"duration, up to 1h", "the longest time by which a run is put off at random, and a tenth of an interval at most; `0s` for none"},
		"guard":                       {"section", "which changes are held until somebody approves or rejects them: more deletions, or more values gone, than the larger of both bounds. All records of an object gone is always held"},
		"guard.records":               {"number", "so many records of an object"},
		"guard.numbers_percent":       {"0 to 1000", "how many numbers that can't be read `status` only notes, in percent of an object's records; more need a person"},
		"guard.percent":               {"0 to 100", "or so many percent of its records"},
		"store":                       {"path", "the local copy, relative to the configuration"},
		"log":                         {"section", "what is logged to stderr"},
		"log.level":                   {"error \\| warning \\| info \\| debug", "names and numbers of people are logged at debug only, secrets never"},
		"log.format":                  {"text \\| json", "form of the log"},
	}
	maps.Copy(texts, ldapKeyTexts())
	maps.Copy(texts, profileKeyTexts())
	maps.Copy(texts, callersKeyTexts())
	return texts
}

// configKeys lists the keys of the configuration in the order of the types.
func configKeys(t reflect.Type, at string) []string {
	var out []string
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		path := join(at, name)
		out = append(out, path)
		switch {
		case f.Type == reflect.TypeFor[ObjectsConfig]():
			out = append(out, configKeys(reflect.TypeFor[ObjectConfig](), path+".NAME")...)
		case f.Type == reflect.TypeFor[AnonymousConfig]():
		case f.Type.Kind() == reflect.Struct:
			out = append(out, configKeys(f.Type, path)...)
		case f.Type.Kind() == reflect.Map && f.Type.Elem().Kind() == reflect.Struct:
			out = append(out, configKeys(f.Type.Elem(), path+".NAME")...)
		}
	}
	return out
}

// configReference is CONFIG.md.
func configReference() (string, error) {
	var b strings.Builder
	b.WriteString("# ringdex.yaml\n\n" +
		"Made by `make docs` from the types in config.go; `ringdex docs config` prints it. An unknown key is an error that names\n" +
		"its line and the nearest known key. Paths are relative to the file.\n\n" +
		"A secret never stands in the file. It is named by where it lies: `env:NAME` (an environment variable), `file:PATH` (refused\n" +
		"when others can read it) or `credential:NAME` (a systemd credential).\n\n" +
		"| key | form | default | meaning |\n|---|---|---|---|\n")
	texts := keyTexts()
	defaults, err := configDefaults()
	if err != nil {
		return "", err
	}
	for _, key := range configKeys(reflect.TypeFor[Config](), "") {
		t, known := texts[key]
		if !known {
			return "", fmt.Errorf("the key %s has no description", key)
		}
		value := defaults[key]
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", key, t.form, value, t.what)
	}
	b.WriteString("\n## What each login needs\n\n| login | needs | may have |\n|---|---|---|\n")
	for _, m := range loginMethods() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.name, strings.Join(m.needs, ", "), strings.Join(m.allows, ", "))
	}
	return b.String(), nil
}

// configDefaults are the values of an empty file.
func configDefaults() (map[string]string, error) {
	c, err := parseConfig(nil, "defaults")
	if err != nil {
		return nil, err
	}
	c.Objects = nil
	data, err := renderConfig(c, nil)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	out := map[string]string{
		"log.level": c.Log.Level, "log.format": c.Log.Format, "schedule.jitter": c.Schedule.Jitter,
		"salesforce.connections": fmt.Sprint(c.Salesforce.Connections), "salesforce.api_percent": fmt.Sprint(c.Salesforce.APIPercent),
		"salesforce.api_stop_percent": fmt.Sprint(c.Salesforce.APIStop), "salesforce.logins_per_hour": fmt.Sprint(c.Salesforce.Logins),
		"guard.records": fmt.Sprint(c.Guard.Records), "guard.percent": fmt.Sprint(c.Guard.Percent),
		"guard.numbers_percent": fmt.Sprint(c.Guard.Numbers),
	}
	maps.Copy(out, limitDefaults(c.LDAP.Limits))
	var walk func(n *yaml.Node, at string)
	walk = func(n *yaml.Node, at string) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			path, v := join(at, n.Content[i].Value), n.Content[i+1]
			switch {
			case v.Kind == yaml.MappingNode:
				walk(v, path)
			case v.Kind == yaml.ScalarNode && v.Tag != "!!null":
				out[path] = v.Value
			case v.Kind == yaml.SequenceNode && len(v.Content) > 0:
				out[path] = flow([]string{v.Content[0].Value})
			}
		}
	}
	walk(doc.Content[0], "")
	return out, nil
}
