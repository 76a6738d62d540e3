package main

import (
	"fmt"
	"strings"
)

// phoneModel is a kind of telephone or exchange with the settings that make it ask ringdex. Values hold {host}, {port},
// {base}, {user}, {password}, {url} and {tls}, which the configuration fills in.
type phoneModel struct {
	name     string // as it is typed
	title    string
	profile  string
	where    string // where the settings go
	form     string // how a setting is written there, with %[1]s the name and %[2]s the value
	head     string // what stands before and behind the settings
	tail     string
	settings []phoneSetting
	tls      map[tlsMode]string // what {tls} is in the modes that the device knows
	notes    []string
	use      phoneUse
	support  phoneSupport
	sources  []phoneSource
	open     string // what no public source says, "" nothing
}

// phoneSource is what of a recipe is confirmed, and by whom.
type phoneSource struct{ what, by string }

// phoneSetting is one line of a device's configuration.
type phoneSetting struct {
	name, value string
	unsure      bool // the name or the value is not confirmed by the maker's documents or a template
	search      *phoneSearch
}

// phoneSearch is a filter among the settings, and how the device makes a search of it.
type phoneSearch struct {
	kind string // searchName or searchNumber
	// wire is the filter that is sent for what was typed or who calls.
	wire func(value, typed string) string
}

const (
	searchName   = "name"
	searchNumber = "number"
)

// phoneUse is what a person does with the settings, and what the device shows then. Menus are named as is usual for the make:
// models and firmware differ.
type phoneUse struct {
	save   string // how the settings take effect
	browse string // where a name is looked up by hand; "" where it can't be
	ring   string // what an incoming call shows; "" where callers aren't looked up
}

// steps are the use as steps, after the settings are in.
func (u phoneUse) steps(profile string) []string {
	out := []string{u.save}
	if u.browse != "" {
		out = append(out, "A name by hand: "+u.browse)
	}
	if u.ring != "" {
		out = append(out, fmt.Sprintf("A call from a number that ringdex lookup --profile %s NUMBER finds: %s", profile, u.ring))
	}
	return out
}

// phoneSupport is the row of the table in HANDSETS.md.
type phoneSupport struct{ call, name, number, list, special string }

// tlsMode is how a client is protected.
type tlsMode string

const (
	tlsNone  tlsMode = "none"
	tlsStart tlsMode = "StartTLS"
	tlsLDAPS tlsMode = "LDAPS"
)

// Filters that most devices take.
const (
	nameFilter   = "(|(cn=%)(sn=%))"
	numberFilter = "(|(telephoneNumber=%)(mobile=%)(homePhone=%))"
)

// Settings with a filter, by how the device sends it.
func nameSetting(name, value string) phoneSetting { // a star behind what was typed
	return phoneSetting{name: name, value: value, search: &phoneSearch{searchName, func(v, typed string) string {
		return strings.ReplaceAll(v, "%", typed+"*")
	}}}
}

func callSetting(name, value string) phoneSetting { // the number as it is
	return phoneSetting{name: name, value: value, search: &phoneSearch{searchNumber, func(v, typed string) string {
		return strings.ReplaceAll(v, "%", typed)
	}}}
}

func literalSetting(name, value string) phoneSetting { // as it stands
	return phoneSetting{name: name, value: value, search: &phoneSearch{searchName, func(v, typed string) string {
		return strings.ReplaceAll(v, "%", typed)
	}}}
}

func valueSetting(name, value string) phoneSetting { // Cisco: attribute, colon, filter with $VALUE
	return phoneSetting{name: name, value: value, search: &phoneSearch{searchName, func(v, typed string) string {
		_, filter, _ := strings.Cut(v, ":")
		return strings.ReplaceAll(filter, "$VALUE", typed)
	}}}
}

// set is a setting without a search.
func set(name, value string) phoneSetting { return phoneSetting{name: name, value: value} }

func guess(s phoneSetting) phoneSetting {
	s.unsure = true
	return s
}

// snomSettings are those of Snom's software, which Gigaset's P series runs too, and what one of the two has beside them.
func snomSettings(more ...phoneSetting) []phoneSetting {
	return append([]phoneSetting{
		set("ldap_server", "{host}"), set("ldap_port", "{port}"), set("ldap_over_tls", "{tls}"), set("ldap_base", "{base}"),
		set("ldap_username", "{user}"), set("ldap_password", "{password}"),
		literalSetting("ldap_search_filter", "(|(cn=%*)(sn=%*))"), callSetting("ldap_number_filter", numberFilter),
		set("ldap_name_attributes", "cn o"), set("ldap_number_attributes", "telephoneNumber mobile homePhone"),
		set("ldap_display_name", "%cn"),
	}, more...)
}

// phoneModels are all models, in the order of the list.
func phoneModels() []phoneModel {
	return []phoneModel{
		{
			name: "yealink", title: "Yealink T, W, VP and CP", profile: "yealink",
			where: "the provisioning file, or Directory > LDAP on the phone's page", form: "%[1]s = %[2]s",
			tls: map[tlsMode]string{tlsNone: "0", tlsStart: "1", tlsLDAPS: "2"},
			settings: []phoneSetting{
				set("ldap.enable", "1"), set("ldap.host", "{host}"), set("ldap.port", "{port}"), set("ldap.tls_mode", "{tls}"),
				set("ldap.base", "{base}"), set("ldap.user", "{user}"), set("ldap.password", "{password}"), set("ldap.version", "3"),
				nameSetting("ldap.name_filter", nameFilter), callSetting("ldap.number_filter", numberFilter),
				set("ldap.name_attr", "cn sn"), set("ldap.numb_attr", "telephoneNumber mobile homePhone"), set("ldap.display_name", "%cn"),
				set("ldap.max_hits", "50"), set("ldap.search_delay", "200"), set("ldap.search_type", "0"),
				set("ldap.call_in_lookup", "1"), set("ldap.call_out_lookup", "1"), set("ldap.ldap_sort", "0"),
				set("directory_setting.ldap.enable", "1"), set("search_in_dialing.ldap.enable", "1"),
			},
			notes: []string{
				"A filter has 99 characters at most.",
				"Older firmware writes ldap.dial_lookup for ldap.call_out_lookup.",
			},
			use: phoneUse{
				save:   "Confirm on the page. With a provisioning file: the phone takes it at its next check, or at a restart.",
				browse: "Directory key, then LDAP (if it isn't there: Directory > Setting on the page, LDAP among the enabled ones); type a name: the list gets shorter with each key, and shows names; OK shows the numbers, and dials the one chosen.",
				ring:   "The name stands above or beside the number while it rings, and in the call history.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "version 2, negated filters, `name` as an attribute"},
			sources: []phoneSource{
				{"the page and its fields, and what % stands for", "Yealink's manuals of VCM34, VP-2009 and T40G: easymanua.ls/yealink"},
				{"the names in the file", "public provisioning files, github.com/nethesis/tancredi among them"},
			},
			open: "the keys on the phone, and where the name stands while it rings",
		},
		{
			name: "snom", title: "Snom 300 to D8xx", profile: "snom",
			where: "the settings file, or Setup > Advanced > LDAP on the phone's page", form: `<%[1]s perm="">%[2]s</%[1]s>`,
			head: "<settings><phone-settings>", tail: "</phone-settings></settings>",
			tls:      map[tlsMode]string{tlsNone: "off", tlsLDAPS: "on"},
			settings: snomSettings(set("ldap_max_hits", "50"), set("ldap_lookup_ringing", "on"), guess(set("perform_initial_query_in_ldap_state", "on"))),
			notes: []string{
				"The star in the name filter is for firmware 10.1.27 and later, which sends filters as they stand; older firmware adds its own: leave it out there.",
				"The number filter has no star, so that a call is never answered with somebody whose number begins so. Who wants to complete typed numbers writes %* there.",
			},
			use: phoneUse{
				save:   "Apply, then Save, at the top of the page. With a settings file: the phone reads it at a restart.",
				browse: "Directory key (or a function key with the type LDAP Directory); type a name: the list shows names; the check key dials.",
				ring:   "The name stands in place of the number, or beside it, while it rings.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "padded sizeLimit on the wire; from firmware 10.1.27 the filter is literal"},
			sources: []phoneSource{
				{"the filters, what is typed and the function key", "service.snom.com, LDAP Directory"},
				{"the page, and that callers are looked up only if a setting says so", "help.estos.com, MetaDirectory 3.5, Setup for Snom"},
				{"the names in the file", "github.com/nethesis/tancredi, snom.tmpl; ldap_max_hits and ldap_lookup_ringing in public settings files"},
			},
			open: "the place of the page on firmware of today",
		},
		{
			name: "grandstream", title: "Grandstream GXP, GRP, GXV, DP and WP", profile: "grandstream",
			where: "the LDAP page among the contacts or phone books on the phone's page", form: "%[1]s: %[2]s",
			tls: map[tlsMode]string{tlsNone: "LDAP", tlsLDAPS: "LDAPS"},
			settings: []phoneSetting{
				set("LDAP Protocol", "{tls}"), set("Server Address", "{host}"), set("Port", "{port}"), set("Base", "{base}"),
				set("User Name", "{user}"), set("Password", "{password}"), set("LDAP Version", "Version 3"),
				callSetting("LDAP Number Filter", "(|(telephoneNumber=%)(mobile=%)(homePhone=%))"), nameSetting("LDAP Name Filter", nameFilter),
				set("LDAP Name Attributes", "cn sn o"), set("LDAP Number Attributes", "telephoneNumber mobile homePhone"),
				set("LDAP Display Name", "%cn"), set("Max. Hits", "50"), set("Search Timeout", "30"), guess(set("LDAP Lookup", "Incoming and outgoing calls")),
				set("Lookup Display Name", "cn"),
			},
			notes: []string{
				"In a provisioning file these are P codes: P8027 is the version, P8033 sorting, P8034 and P8035 the lookup of outgoing and incoming calls; the others differ by model.",
				"The DECT base DP750 has one field LDAP Filter and an attribute for each field instead: First Name Attribute givenName, Last Name Attribute sn, Work Number Attribute telephoneNumber, Home Number Attribute homePhone.",
			},
			use: phoneUse{
				save:   "Save and Apply at the end of the page.",
				browse: "Phonebook or Contacts, then LDAP; search: names, with the numbers below.",
				ring:   "The name stands above the number while it rings.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "`Mobile`, `moblie`"},
			sources: []phoneSource{
				{"the fields", "Grandstream's guides of GRP26XX, p. 86, GXP21XX, p. 67, and GXV34XX: manualshelf.com, easymanua.ls"},
				{"the fields of the DP750", "DP750 administration guide, p. 64: manualshelf.com"},
				{"P codes", "provisioning templates of github.com/fusionpbx/fusionpbx"},
			},
			open: "the menu of the page, the choices of LDAP Lookup, and the keys on the phone",
		},
		{
			name: "fanvil", title: "Fanvil and OEM devices", profile: "fanvil",
			where: "the provisioning file under --LDAP Config--, or Phonebook > Cloud phonebook > LDAP on the phone's page", form: "%-24[1]s :%[2]s",
			head: "--LDAP Config--    :",
			tls:  map[tlsMode]string{tlsNone: "0", tlsLDAPS: "1", tlsStart: "2"},
			settings: []phoneSetting{
				set("LDAP1 Title", "ringdex"), set("LDAP1 Server", "{host}"), set("LDAP1 port", "{port}"), set("LDAP1 Base", "{base}"),
				set("LDAP1 Use SSL", "{tls}"), set("LDAP1 Version", "3"), set("LDAP1 In Call Search", "1"), set("LDAP1 Out Call Search", "1"),
				set("LDAP1 Authenticate", "3"), set("LDAP1 Username", "{user}"), set("LDAP1 Password", "{password}"),
				set("LDAP1 Tel Attr", "telephoneNumber"), set("LDAP1 Mobile Attr", "mobile"), set("LDAP1 Other Attr", "homePhone"),
				set("LDAP1 Name Attr", "cn sn ou"), set("LDAP1 Sort Attr", "cn"), set("LDAP1 Displayname", "cn"),
				callSetting("LDAP1 Number Filter", "(|(telephoneNumber=%)(mobile=%)(homePhone=%))"), nameSetting("LDAP1 Name Filter", nameFilter),
				set("LDAP1 Max Hits", "50"),
			},
			notes: []string{"LDAP1 Authenticate 3 is a simple bind, 0 none."},
			use: phoneUse{
				save:   "Apply on the page. With a provisioning file: at the next check, or at a restart.",
				browse: "Phone book, then Cloud or Network contacts, then ringdex; type a name: the list shows names.",
				ring:   "The name stands above the number while it rings (In Call Search).",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "`other`"},
			sources: []phoneSource{{"all names in the file", "factory configurations in public provisioning files, those of SARK among them"}},
			open:    "the page's menu, the keys on the phone, and what 1 and 2 of LDAP1 Authenticate are",
		},
		{
			name: "gigaset", title: "Gigaset N510, N610, N670, N720, N870, OpenScape Cordless IP, LANCOM DECT", profile: "gigaset",
			where: "Settings > Online > Corporate on the base's page, the pen beside a directory", form: "%[1]s: %[2]s",
			tls: map[tlsMode]string{tlsNone: "No security", tlsLDAPS: "SSL/TLS"},
			settings: []phoneSetting{
				set("Directory name", "ringdex"), set("Enable directory", "yes"), set("Server address", "{host}"), set("Server port", "{port}"),
				set("LDAP Search base (BaseDN)", "{base}"), set("Username", "{user}"), set("Password", "{password}"), set("Secure LDAP", "{tls}"),
				nameSetting("Name filter", nameFilter), callSetting("Number filter", numberFilter), guess(set("Display format", "%cn")),
				set("Max. number of search results", "50"),
				set("First name", "givenName"), set("Surname", "sn"), set("Phone (home)", "homePhone"), set("Phone (office)", "telephoneNumber"),
				set("Phone (mobile)", "mobile"), set("E-mail", "mail"), set("Fax", "facsimileTelephoneNumber"), set("Company", "o"),
				set("Street", "street"), set("City", "l"), set("Zip", "postalCode"),
			},
			notes: []string{
				"A filter has 128 characters at most, and 50 entries are the most that an N510 takes.",
				"Older firmware that shows no umlauts, or the DN in its list: base ou=gigaset-old instead of ou=gigaset.",
			},
			use: phoneUse{
				save:   "Save or Set on the page. Then each handset: on the page with the handset's registration, or under its online directories, the corporate directory is chosen.",
				browse: "On the handset, the key for the online directories held down (often: down), then ringdex; type a name: the list shows names; a picked one shows all its fields.",
				ring:   "The name stands above the number while it rings.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "reads the picked entry again by its DN, with sizeLimit 0, in any spelling"},
			sources: []phoneSource{
				{"the menu and the fields for the server", "teamwork.gigaset.com/gigawiki, page 665193859 (N610, N670, N870)"},
				{"the filters, and that a number is asked whole when it calls", "OpenScape Cordless IP V2, administrator documentation, p. 103: manualshive.com"},
			},
			open: "the names of the attributes' fields and the menu on N510 and N720, and the keys of a handset",
		},
		{
			name: "gigaset-p", title: "Gigaset P710 to P855", profile: "gigaset-p",
			where: "the settings file, as for Snom", form: `<%[1]s perm="">%[2]s</%[1]s>`,
			head: "<settings><phone-settings>", tail: "</phone-settings></settings>",
			tls:      map[tlsMode]string{tlsNone: "off", tlsLDAPS: "on"},
			settings: snomSettings(callSetting("ldap_search_filter_during_call", numberFilter)),
			use: phoneUse{
				save:   "As for Snom: Apply, then Save; a settings file is read at a restart.",
				browse: "Directory key, then LDAP; type a name: the list shows names.",
				ring:   "The name stands in place of the number, or beside it, while it rings.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "the filter is literal"},
			sources: []phoneSource{{"the names in the file", "github.com/nethesis/tancredi, gigasetP.tmpl; teamwork.gigaset.com, ldap_search_filter_during_call"}},
			open:    "the keys on the phone, and where the name stands while it rings",
		},
		{
			name: "maxwell", title: "Gigaset Maxwell", profile: "maxwell",
			where: "the provisioning file", form: `<param name="%[1]s" value="%[2]s"/>`, head: "<nvm>", tail: "</nvm>",
			tls: map[tlsMode]string{tlsNone: "0", tlsStart: "1", tlsLDAPS: "2"},
			settings: []phoneSetting{
				set("NetDir.LDAP.0.DirectoryName", "ringdex"), set("NetDir.LDAP.0.Enable", "1"), set("NetDir.LDAP.0.Lookup", "1"),
				set("NetDir.LDAP.0.Server.Address", "{host}"), set("NetDir.LDAP.0.Server.Port", "{port}"), set("NetDir.LDAP.0.Security", "{tls}"),
				set("NetDir.LDAP.0.BaseDN", "{base}"), guess(set("NetDir.LDAP.0.Username", "{user}")), set("NetDir.LDAP.0.Password", "{password}"),
				nameSetting("NetDir.LDAP.0.NameFilter", nameFilter), callSetting("NetDir.LDAP.0.NumberFilter", numberFilter),
				set("NetDir.LDAP.0.DisplayFormat", "%cn"), set("NetDir.LDAP.0.MaxNumberOfSearchResults", "50"),
				set("NetDir.LDAP.0.FirstName", "givenName"), set("NetDir.LDAP.0.Surname", "sn"), set("NetDir.LDAP.0.PhoneHome", "homePhone"),
				set("NetDir.LDAP.0.PhoneOffice", "telephoneNumber"), set("NetDir.LDAP.0.PhoneMobile", "mobile"),
			},
			notes: []string{"A template in use spells the user's setting Uername; try that where Username is not taken."},
			use: phoneUse{
				save:   "The phone takes the file at its next check, or at a restart.",
				browse: "Directory key, then ringdex; type a name: the list shows names.",
				ring:   "The name stands above the number while it rings.",
			},
			support: phoneSupport{"yes", "yes", "yes", "yes", "–"},
			sources: []phoneSource{{"the names in the file", "github.com/nethesis/tancredi, gigaset-Maxwell.tmpl"}},
			open:    "the keys on the phone, and where the name stands while it rings",
		},
		polyModel(), ciscoModel(), panasonicModel(), linphoneModel(), freepbxModel(), threecxModel(), innovaphoneModel(), kamailioModel(),
	}
}
