package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"ringdex/schema"
)

// wizardFlags are the questions as flags.
func wizardFlags() []cli.Flag {
	text := func(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }
	list := func(name, usage string) cli.Flag {
		return &cli.StringSliceFlag{Name: name, Usage: usage + "; may be given more than once"}
	}
	return []cli.Flag{
		configFlag(),
		&cli.BoolFlag{Name: "yes", Usage: "ask nothing"},
		&cli.BoolFlag{Name: "plain", Usage: "choose from lists by number, without a cursor: for screen readers and slow lines; always so with TERM=dumb"},
		text("login", "the `WAY` to log in: "+strings.Join(loginNames(), ", ")),
		text("url", "the org's `URL`: https://login.salesforce.com, https://test.salesforce.com or its My Domain"),
		text("username", "the integration user's `NAME`"),
		text("password", "where the password lies: `REF` env:NAME, file:PATH or credential:NAME"),
		text("security-token", "where the security token lies: `REF`"),
		text("client-id", "the app's Consumer Key, `ID`"),
		text("client-secret", "where the app's Consumer Secret lies: `REF`"),
		text("private-key", "where the private key of the JWT bearer flow lies: `REF`"),
		text("refresh-token", "where the refresh token lies: `REF` file:PATH"),
		text("audience", "the `AUDIENCE` of the JWT bearer flow, if not the one that fits the URL"),
		&cli.StringFlag{Name: "callback", Value: defaultCallback, Usage: "the loopback `ADDRESS` that the browser comes back to, as in the app's callback URL http://ADDRESS/callback"},
		list("allow-host", "a `HOST` that may be spoken to beside Salesforce's own"),
		text("ca-file", "a `FILE` with certificate authorities that are trusted beside the system's, for a proxy that inspects TLS"),
		list("object", "an `OBJECT` to replicate"),
		list("attribute", "`OBJECT.ATTRIBUTE=TEMPLATE`, an LDAP attribute and what it is made of, such as Contact.mobile={MobilePhone}; more of one attribute make more values, - takes it out"),
		list("contact-url", "`OBJECT=TEMPLATE`, an address of the record, up to three; - for none"),
		list("where", "`OBJECT=CONDITION`, which records are copied, in SOQL; - for all"),
		list("leave-out", "`OBJECT=ID`, a record that is not copied; - for none"),
		text("country", "where the phones stand: `COUNTRY` such as DE"),
		text("area", "their area code without the leading 0: `DIGITS`"),
		text("outside-line", "what is dialled for an outside line: `DIGITS`"),
		text("head-number", "our own main number without extension: `DIGITS`"),
		&cli.IntFlag{Name: "internal-digits", Usage: "how many digits, `N`, the longest internal extension has"},
		text("base", "the `DN` of the directory's top"),
		list("listen", "the `ADDRESS` of the LDAP server"),
		list("ldaps", "the `ADDRESS` of the LDAP server over TLS"),
		&cli.BoolFlag{Name: "self-signed", Usage: "let ringdex make a certificate for the LDAP server"},
		text("certificate", "the LDAP server's certificate with its chain: a PEM `FILE`"),
		text("key", "the certificate's private key: a PEM `FILE`"),
		list("anonymous", "who may look up without a user: `WHO` never, loopback, always, or a network such as 192.0.2.0/24"),
		list("phone", "a telephone `MODEL` of ringdex phones, whose settings are named at the end"),
		list("ldap-user", "`NAME=HASH`, a user for phones, with a hash of ringdex hash-password"),
		text("delta", "how often changes are fetched: `INTERVAL` such as 5m, or never"),
		text("full", "when everything is fetched anew: `TIME` such as 02:30, an interval, or never"),
		text("store", "the `PATH` of the store, relative to the configuration"),
		&cli.BoolFlag{Name: "replicate", Usage: "make the first replication at the end, with --yes"},
	}
}

// flags takes over what the command line says.
func (w *wizard) flags(c *cli.Context) error {
	w.callback, w.replicate, w.plain = c.String("callback"), c.Bool("replicate"), c.Bool("plain")
	sf, d, l := &w.cfg.Salesforce, &w.cfg.Dialling, &w.cfg.LDAP
	for name, to := range map[string]*string{
		"login": &sf.Login, "url": &sf.URL, "username": &sf.Username, "client-id": &sf.ClientID, "audience": &sf.Audience, "ca-file": &sf.CAFile,
		"country": &d.Country, "area": &d.Area, "outside-line": &d.OutsideLine, "head-number": &d.HeadNumber,
		"base": &l.Base, "certificate": &l.TLS.Certificate, "key": &l.TLS.Key,
		"delta": &w.cfg.Schedule.Delta, "full": &w.cfg.Schedule.Full, "store": &w.cfg.Store,
	} {
		if c.IsSet(name) {
			*to = strings.TrimSpace(c.String(name))
		}
	}
	for name, to := range map[string]*SecretRef{
		"password": &sf.Password, "security-token": &sf.SecurityToken, "client-secret": &sf.ClientSecret,
		"private-key": &sf.PrivateKey, "refresh-token": &sf.RefreshToken,
	} {
		if !c.IsSet(name) {
			continue
		}
		*to = SecretRef(c.String(name))
		if err := to.check(); err != nil {
			return &usageError{what: "--" + name + ": " + err.Error(), try: "--" + name + " env:RINGDEX_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))}
		}
	}
	for name, to := range map[string]*[]string{"allow-host": &sf.AllowedHosts, "listen": &l.Listen, "ldaps": &l.LDAPS} {
		if c.IsSet(name) {
			*to = c.StringSlice(name)
		}
	}
	if c.IsSet("self-signed") {
		l.TLS.SelfSigned = c.Bool("self-signed")
	}
	if c.IsSet("internal-digits") {
		d.InternalDigits = c.Int("internal-digits")
	}
	if c.IsSet("anonymous") {
		a, err := parseAnonymous(c.StringSlice("anonymous"))
		if err != nil {
			return &usageError{what: "--anonymous: " + err.Error(), try: "--anonymous 192.0.2.0/24"}
		}
		l.Anonymous = a
	}
	for _, name := range c.StringSlice("phone") {
		m, err := modelNamed(name)
		if err != nil {
			return err
		}
		w.phones = append(w.phones, m.name)
	}
	for _, user := range c.StringSlice("ldap-user") {
		name, hash, ok := strings.Cut(user, "=$")
		if !ok || name == "" {
			return &usageError{what: "--ldap-user wants NAME=HASH", try: "--ldap-user \"phone=$(ringdex hash-password)\""}
		}
		if l.Users == nil {
			l.Users = map[string]UserConfig{}
		}
		user := l.Users[name]
		user.Hash = "$" + hash
		l.Users[name] = user
	}
	if c.IsSet("object") {
		w.choose(c.StringSlice("object"))
	}
	for _, name := range []string{"attribute", "contact-url", "where", "leave-out"} {
		for _, text := range c.StringSlice(name) {
			left, value, ok := strings.Cut(text, "=")
			f := &objectFlag{flag: name, object: left, value: strings.TrimSpace(value)}
			if name == "attribute" {
				var dotted bool
				f.object, f.attribute, dotted = strings.Cut(left, ".")
				ok = ok && dotted
			}
			if !ok || f.object == "" || f.value == "" {
				return &usageError{what: fmt.Sprintf("--%s: %q is not of the form that is wanted", name, text), try: map[string]string{
					"attribute": "--attribute 'Contact.mobile={MobilePhone}'", "contact-url": "--contact-url 'Contact={@org_url}/{Id}'",
					"where": "--where \"Contact=MailingCountry = 'Germany'\"", "leave-out": "--leave-out Contact=0035500000AbCdEAAV",
				}[name]}
			}
			w.perObject = append(w.perObject, f)
		}
	}
	return nil
}

// objectFlag is a flag about one object.
type objectFlag struct {
	flag, object, attribute, value string

	used bool
}

// applyFlags takes over what the flags say about an object, once. Flags of one kind replace what was there before.
func (w *wizard) applyFlags(o *ObjectConfig) {
	fresh := map[string]bool{}
	first := func(what string) bool {
		was := fresh[what]
		fresh[what] = true
		return !was
	}
	for _, f := range w.perObject {
		if f.used || !strings.EqualFold(f.object, o.Name) {
			continue
		}
		f.used = true
		none := f.value == "-"
		switch f.flag {
		case "where":
			if o.Where = f.value; none {
				o.Where = ""
			}
		case "leave-out":
			if first("leave-out") {
				o.LeaveOut = nil
			}
			if !none {
				o.LeaveOut = append(o.LeaveOut, f.value)
			}
		case "contact-url":
			if first("contact-url") {
				o.ContactURLs = []string{}
			}
			if !none {
				o.ContactURLs = append(o.ContactURLs, f.value)
			}
		case "attribute":
			o.setAttribute(f.attribute, f.value, first("attribute "+strings.ToLower(f.attribute)))
		}
	}
}

// attributeFlags reports flags about an object's attributes.
func (w *wizard) attributeFlags(object string) bool {
	return slices.ContainsFunc(w.perObject, func(f *objectFlag) bool { return f.flag == "attribute" && strings.EqualFold(f.object, object) })
}

// setAttribute replaces an attribute's templates, or adds one more; "-" takes the attribute out.
func (o *ObjectConfig) setAttribute(name, template string, replace bool) {
	i := slices.IndexFunc(o.Attributes, func(a AttributeTemplates) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 && template == "-" {
		return
	}
	o.Attributes = slices.Clone(o.Attributes)
	switch {
	case template == "-":
		o.Attributes = slices.Delete(o.Attributes, i, i+1)
	case i < 0:
		o.Attributes = append(o.Attributes, AttributeTemplates{Name: name, Templates: []string{template}})
	case replace:
		o.Attributes[i].Templates = []string{template}
	default:
		o.Attributes[i].Templates = append(slices.Clone(o.Attributes[i].Templates), template)
	}
}

// unusedFlags refuses a flag about an object that is not copied.
func (w *wizard) unusedFlags() error {
	for _, f := range w.perObject {
		if f.used {
			continue
		}
		try := "--object " + f.object
		if near := schema.Nearest(f.object, w.cfg.Objects.names()); near != "" {
			try = "did you mean " + near + "? Else " + try
		}
		return &usageError{what: fmt.Sprintf("--%s: %s is not among the objects that are copied", f.flag, f.object), try: try}
	}
	return nil
}
