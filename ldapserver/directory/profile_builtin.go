package directory

import (
	"slices"
	"strings"

	"ringdex/schema"
)

// BuiltinProfile is a ready profile with why it is as it is. Its Location is that of the configuration.
type BuiltinProfile struct {
	Profile
	Quirks []Quirk
}

// Quirk is what a kind of telephone does that the directory answers to, and where that is known from.
type Quirk struct{ What, Source string }

// Sources that several profiles name.
const (
	sourceEstos    = "estos MetaDirectory, location settings: help.estos.com, IDH_LOCATIONPBX"
	sourceTancredi = "provisioning templates of github.com/nethesis/tancredi"
	sourceFusion   = "provisioning templates of github.com/fusionpbx/fusionpbx"
	sourceThinLDAP = "github.com/a-schild/inno-thinyldap, InnoLdapServer.pm"
	sourceDavMail  = "github.com/mguessan/davmail, LdapConnection.java"
)

// The quirks that most desk telephones share.
var (
	quirkDials  = Quirk{"dials the number as it is answered, so it has the outside line in front", sourceEstos}
	quirkOne    = Quirk{"shows one number per attribute: the one asked for, else the first", "github.com/nethesis/ns8-nethvoice, phonebook.js"}
	quirkDigits = Quirk{"brings numbers into its own form, so they are answered as +49…", ""}
)

// desk is a telephone that dials what it is answered.
func desk(name, about string, quirks ...Quirk) BuiltinProfile {
	return BuiltinProfile{
		Profile: Profile{Name: name, About: about, Numbers: NumbersDialable, SingleNumbers: true},
		Quirks:  append([]Quirk{quirkDials, quirkOne}, quirks...),
	}
}

// plain is a client that makes of a number in international form what it needs.
func plain(name, about string, quirks ...Quirk) BuiltinProfile {
	return BuiltinProfile{Profile: Profile{Name: name, About: about}, Quirks: quirks}
}

// with changes a profile.
func (b BuiltinProfile) with(change func(*Profile)) BuiltinProfile {
	change(&b.Profile)
	return b
}

// BuiltinProfiles are the ready profiles, desk telephones first. Every one can be used as it is, under its name, or be what
// a configured profile is like.
func BuiltinProfiles() []BuiltinProfile {
	return []BuiltinProfile{
		desk("yealink", "Yealink T, W, VP and CP",
			Quirk{"refines what is typed with each key; sends the star itself", "Yealink T40G manual, LDAP phone book: easymanua.ls/yealink/t40g/manual/289184?p=277"}),
		desk("snom", "Snom 300 to D8xx",
			Quirk{"from firmware 10.1.27 on the filter is sent literally: a name without a star is its beginning", "commit 0f9708f of github.com/nethesis/tancredi (2021-09-22)"},
			Quirk{"pads the INTEGER of its size limit; understood by the codec", "capture in github.com/zivillian/ldap.net, DeserializerTests.cs"},
		).with(func(p *Profile) { p.Names = NamesBegin }),
		desk("grandstream", "Grandstream GXP, GRP, GXV, DP and WP",
			Quirk{"shows up to three fields of its own choice", "GRP2612P guide, p. 86; " + sourceFusion}),
		desk("fanvil", "Fanvil and OEM devices", Quirk{"asks for other and home beside telephoneNumber and mobile", sourceFusion}),
		desk("gigaset", "Gigaset N510, N610, N670, N720, N870, OpenScape Cordless IP, LANCOM DECT",
			Quirk{"reads a picked entry again by the DN that was answered, with size limit 0", "github.com/affordablemobiles/freepbx-ldap; github.com/nethesis/ns8-nethvoice, phonebook.js"},
			Quirk{"a third-party server rewrites + to 000 for it: outside line and 00", sourceThinLDAP}),
		desk("gigaset-old", "Gigaset N510 and N720 with firmware that shows no umlauts",
			Quirk{"shows UTF-8 wrongly: ä is sent as ae", sourceThinLDAP},
			Quirk{"shows the DN in its list: named by cn", "github.com/affordablemobiles/freepbx-ldap, issues 2 and 12"},
		).with(func(p *Profile) { p.ASCII, p.DN = true, DNByName }),
		desk("gigaset-p", "Gigaset P710 to P855", Quirk{"sends the filter literally, like Snom", "tancredi, gigasetP.tmpl; teamwork.gigaset.com, ldap_search_filter_during_call"}).
			with(func(p *Profile) { p.Names = NamesBegin }),
		desk("maxwell", "Gigaset Maxwell", Quirk{"sends the star itself", "tancredi, gigaset-Maxwell.tmpl"}),
		desk("poly", "Poly VVX and SoundPoint",
			Quirk{"asks for sn>=…, sn<=zz and shows the first page of 32 as it comes, unless the server sorts", "documents.polycom.com, UC Software 5.9 Corporate Directory; github.com/glauth/glauth/issues/441"},
		).with(func(p *Profile) { p.Sort = []string{"sn", "givenName"} }),
		desk("poly-edge", "Poly Edge and OBi editions",
			Quirk{"has fields of its own for name, number and picture, and may sort by an attribute: any of them can be named", sourceFusion}),
		desk("cisco", "Cisco SPA and MPP 6800 to 9800",
			Quirk{"dials the first attribute of type p only: telephoneNumber is the first number that there is", "Cisco SPA and 7800 MPP administration guides, LDAP directory"},
		).with(func(p *Profile) {
			p.Attributes = []ProfileAttribute{composed("telephoneNumber", "{telephoneNumber|mobile|homePhone|otherTelephone|ipPhone}")}
		}),
		desk("panasonic", "Panasonic KX-HDV, TGP and UTG", Quirk{"takes 20 records and waits 5 s", "provisioning keys LDAP_… of SARK"}),
		desk("htek", "Htek", Quirk{"asks for 32000 hits", sourceFusion}),
		desk("sangoma", "Sangoma S", Quirk{"knows no TLS", sourceTancredi}),
		desk("akuvox", "Akuvox", Quirk{"writes # for what was typed and sends the star itself", sourceTancredi}),
		desk("escene", "Escene", Quirk{"writes %s for what was typed", "Escene ES220 and ES310 manuals"}),
		desk("vtech", "VTech and Snom M", Quirk{"asks for first and last name in two searches", sourceFusion}),
		plain("konftel", "Konftel 300IP", quirkDigits.from("strips its own country and area code and adds its prefix: Konftel 300 manual, p. 32")),
		desk("halo", "Alcatel-Lucent Halo", Quirk{"builds its filter itself, numbers first if a digit was typed", "Halo H3P manual, p. 41: easymanua.ls"}),
		plain("innovaphone", "innovaphone telephones, PBX and DECT", quirkDigits.from("dialling location: wiki.innovaphone.com, LDAP"),
			Quirk{"a name is typed on the keys: digits in a name filter spell it, umlauts on their base letter's key", "wiki.innovaphone.com/?i=5099"},
			Quirk{"asks 000 49 … where it has an outside line", sourceThinLDAP},
		).with(func(p *Profile) { p.Digits = DigitsT9 }),
		desk("mitel", "Mitel 6900 under MiVoice", Quirk{"pulls the whole directory at least once a day", "MiVoice Business help, LDAP Client Configuration"}),
		plain("aastra", "Aastra 400, 800 and Mitel OIP", quirkDigits.from("cleans them and adds the seizure code: Aastra 800, manualslib.de/manual/257120, p. 282")),
		desk("auerswald", "Auerswald D-400, D-600 and COMfortel", Quirk{"sends the filter literally", "auerswald-root.de, LDAP filter reference of the D series"}).
			with(func(p *Profile) { p.Names = NamesBegin }),
		plain("hipath", "Siemens HiPath and HiPath Cordless", Quirk{"asks for two beginnings at once: mei P", "HiPath 3000 manual, p. 48: easymanua.ls"}),

		plain("linphone", "Linphone",
			Quirk{"drops a hit whose number is not written as the one on the line: it is echoed", "github.com/BelledonneCommunications/linphone-desktop, issues 572 and 945"},
			Quirk{"has one filter for names and numbers: digits are looked for in numbers too", "liblinphone, src/ldap"},
		).with(func(p *Profile) { p.Numbers, p.Digits = NumbersAsAsked, DigitsNumbers }),
		plain("jitsi", "Jitsi desktop", Quirk{"holds the answers against what was typed with libphonenumber", "github.com/jitsi/jitsi, LdapDirectoryImpl.java"}),
		desk("bria", "Bria and CounterPath", Quirk{"pulls the whole directory, or asks on demand", "Bria 3.5 manual, p. 51"}),
		plain("3cx", "3CX",
			Quirk{"copies an answer into its own phone book, where it stays: nobody is shown in doubt, and no company for an unknown extension", "Cortelco C58 manual, p. 80 (3CX chapter)"},
		).with(func(p *Profile) { p.Hits, p.NoHeadNumber = HitsNone, true }),
		plain("freepbx", "FreePBX with CID Superfecta", Quirk{"takes the first entry", "github.com/FreePBX/superfecta, source-LDAP.module"}),
		plain("asterisk", "Asterisk and FreeSWITCH", Quirk{"take the first entry", "res_config_ldap"}),
		plain("kamailio", "Kamailio and OpenSIPS", Quirk{"take the first entry of one level", "github.com/kamailio/kamailio, src/modules/ldap"}),
		plain("procall", "estos ProCall", Quirk{"takes every number field of an entry to tell who calls", "help.estos.com, MetaDirectory, LDAP fields"}),
		plain("jabber", "Cisco Jabber", Quirk{"asks anr and objectCategory", "Jabber 12.7 planning guide, contact sources"}),

		legible("outlook", "Outlook", Quirk{"asks for people with a mail address only", "MAPI address book provider, registry value 001e6604"}),
		legible("thunderbird", "Thunderbird", Quirk{"takes sizeLimitExceeded for success", "github.com/mozilla/releases-comm-central, mailnews/addrbook"}),
		legible("macos", "macOS Contacts and Calendar", Quirk{"must not be told sizeLimitExceeded", sourceDavMail}).
			with(func(p *Profile) { p.Cut = CutSilent }),
		legible("evolution", "Evolution and Kontact", Quirk{"asks for 55 attributes, most of which nobody knows", "capture in @ldapjs/messages; " + sourceDavMail}),
		desk("printer", "multifunction printers: Canon, Konica Minolta, Epson, Ricoh", Quirk{"dial a fax number as it is answered", "oip.manual.canon, USRMA-0067"}),
	}
}

// legible is an address book, which shows numbers to people.
func legible(name, about string, quirks ...Quirk) BuiltinProfile {
	b := plain(name, about, quirks...)
	b.Numbers = NumbersInternational
	return b
}

func (q Quirk) from(source string) Quirk {
	q.Source = source
	return q
}

// composed is an attribute of a built-in profile.
func composed(name string, templates ...string) ProfileAttribute {
	a := ProfileAttribute{Name: name}
	for _, text := range templates {
		t, err := schema.ParseTemplate(text)
		if err != nil {
			panic(err) // one of ours
		}
		a.Templates = append(a.Templates, t)
	}
	return a
}

// BuiltinNamed finds a ready profile, in any letter case.
func BuiltinNamed(name string) (BuiltinProfile, bool) {
	list := BuiltinProfiles()
	i := slices.IndexFunc(list, func(b BuiltinProfile) bool { return strings.EqualFold(b.Name, name) })
	if i < 0 {
		return BuiltinProfile{}, false
	}
	return list[i], true
}
