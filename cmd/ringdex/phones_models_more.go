package main

import (
	"net/url"
	"strings"
)

// The models whose searches have a form of their own.

func polyModel() phoneModel {
	return phoneModel{
		name: "poly", title: "Poly VVX and SoundPoint", profile: "poly",
		where: "the configuration file", form: `  %[1]s="%[2]s"`, head: "<dir", tail: "/>",
		tls: map[tlsMode]string{tlsNone: "TCP", tlsLDAPS: "TLS"},
		settings: []phoneSetting{
			set("dir.corp.address", "{url}"), set("dir.corp.port", "{port}"), set("dir.corp.transport", "{tls}"),
			set("dir.corp.baseDN", "{base}"), set("dir.corp.user", "{user}"), set("dir.corp.password", "{password}"), set("dir.corp.scope", "sub"),
			{name: "dir.corp.filterPrefix", value: "(objectclass=person)", search: &phoneSearch{searchName, func(v, typed string) string {
				return "(&" + v + "(sn>=" + typed + ")(sn<=zz)(sn=" + typed + "*))"
			}}},
			set("dir.corp.attribute.1.name", "sn"), set("dir.corp.attribute.1.label", "Last name"), set("dir.corp.attribute.1.type", "last_name"),
			set("dir.corp.attribute.1.searchable", "1"),
			set("dir.corp.attribute.2.name", "givenName"), set("dir.corp.attribute.2.label", "First name"), set("dir.corp.attribute.2.type", "first_name"),
			set("dir.corp.attribute.2.searchable", "1"),
			set("dir.corp.attribute.3.name", "telephoneNumber"), set("dir.corp.attribute.3.label", "Phone"), set("dir.corp.attribute.3.type", "phone_number"),
			set("dir.corp.attribute.3.searchable", "0"),
			set("dir.corp.attribute.4.name", "mobile"), set("dir.corp.attribute.4.label", "Mobile"), set("dir.corp.attribute.4.type", "phone_number"),
			set("dir.corp.attribute.4.searchable", "0"),
			set("dir.corp.pageSize", "32"), set("dir.corp.cacheSize", "128"),
		},
		notes: []string{
			"Numbers have no order: keep them out of the searchable attributes.",
			"The phone does not look up callers over LDAP.",
		},
		use: phoneUse{
			save:   "The phone takes the file at its next check, or at a restart; feature.corporateDirectory.enabled has to be 1.",
			browse: "Directories, then Corporate Directory: the first page by last name; type the beginning of a last name: the list jumps there.",
		},
		support: phoneSupport{"–", "yes", "–", "yes", "ranges up to `zz` on names; lists by last name"},
		sources: []phoneSource{
			{"what is searched, sorted and cached", "documents.polycom.com, UC Software 5.9, Corporate Directory; technical bulletin 41137"},
			{"the names in the file", "public configurations: gist.github.com/rpfilomeno, github.com/a1comms/freepbx-ldap"},
		},
		open: "the keys on the phone",
	}
}

func ciscoModel() phoneModel {
	return phoneModel{
		name: "cisco", title: "Cisco SPA and MPP 6800 to 9800", profile: "cisco",
		where: "the configuration file, or Phone > LDAP on the phone's page", form: `<%[1]s ua="na">%[2]s</%[1]s>`,
		head: "<flat-profile>", tail: "</flat-profile>",
		tls: map[tlsMode]string{tlsNone: "", tlsStart: ""},
		settings: []phoneSetting{
			set("LDAP_Dir_Enable", "Yes"), set("LDAP_Corp_Dir_Name", "ringdex"), set("LDAP_Server", "{host}:{port}"), set("LDAP_Auth_Method", "{auth}"),
			set("LDAP_Client_DN", "{dn}"), set("LDAP_Username", "{user}"), set("LDAP_Password", "{password}"), set("LDAP_Search_Base", "{base}"),
			valueSetting("LDAP_Last_Name_Filter", "sn:(sn=*$VALUE*)"), valueSetting("LDAP_First_Name_Filter", "cn:(cn=*$VALUE*)"),
			set("LDAP_Display_Attrs", "a=cn,n=Name;a=telephoneNumber,n=Phone,t=p;a=mobile,n=Mobile,t=p"), set("LDAP_Number_Mapping", ""),
		},
		notes: []string{
			"Only the first attribute with t=p is dialled: under the profile cisco telephoneNumber is the first number that an entry has.",
			"Of the authentication methods None and Simple are understood; DIGEST-MD5 is refused at once.",
			"The 9800 has a switch for StartTLS. The phone does not look up callers over LDAP.",
		},
		use: phoneUse{
			save:   "Submit All Changes on the page; a configuration file is read at the next resync.",
			browse: "Directory, then ringdex; a form with Last name and First name: fill one, Submit: names; Select shows the first number, and dials it.",
		},
		support: phoneSupport{"–", "yes", "–", "–", "several filled fields are joined by AND; the first number is dialled"},
		sources: []phoneSource{
			{"the names in the file, the page's tab, and that only the first t=p is dialled", "Cisco SPA 300 and 500 guide, p. 288; 7800 MPP guide, p. 276: manualowl.com, manualslib.com"},
			{"the directory on the phone (Contacts, or Applications > Directories)", "6800 MPP user guide, p. 100: easymanua.ls"},
		},
		open: "that callers are not looked up: no document says that they are",
	}
}

func panasonicModel() phoneModel {
	return phoneModel{
		name: "panasonic", title: "Panasonic KX-HDV, TGP and UTG", profile: "panasonic",
		where: "the configuration file", form: `%[1]s="%[2]s"`,
		tls: map[tlsMode]string{tlsNone: "", tlsLDAPS: ""},
		settings: []phoneSetting{
			set("LDAP_ENABLE", "Y"), set("LDAP_DNSSRV_ENABLE", "N"), set("LDAP_SERVER", "{url}"), set("LDAP_SERVER_PORT", "{port}"),
			set("LDAP_MAXRECORD", "20"), set("LDAP_NUMB_SEARCH_TIMER", "30"), set("LDAP_NAME_SEARCH_TIMER", "5"),
			set("LDAP_USERID", "{user}"), set("LDAP_PASSWORD", "{password}"),
			nameSetting("LDAP_NAME_FILTER", nameFilter), callSetting("LDAP_NUMB_FILTER", numberFilter),
			set("LDAP_NAME_ATTRIBUTE", "cn,sn"), set("LDAP_NUMB_ATTRIBUTE", "telephoneNumber,mobile,homePhone"), set("LDAP_BASEDN", "{base}"),
			set("LDAP_SSL_VERIFY", "0"),
		},
		notes: []string{"LDAP_SSL_VERIFY 0 checks no certificate: with LDAPS load the root certificate by LDAP_ROOT_CERT_PATH and set it to 1."},
		use: phoneUse{
			save:   "The phone takes the file at its next check, or at a restart.",
			browse: "Phone book key, then the LDAP or network phone book; type a name: up to 20 names.",
			ring:   "The name stands above the number while it rings.",
		},
		support: phoneSupport{"yes", "yes", "yes", "yes", "three number attributes in one OR"},
		sources: []phoneSource{{"the names in the file and their values", "the provisioning templates of SARK"}},
		open:    "the maker's own description, the keys on the phone, and where the name stands while it rings",
	}
}

func linphoneModel() phoneModel {
	return phoneModel{
		name: "linphone", title: "Linphone", profile: "linphone",
		where: "linphonerc, or Settings > Contacts > LDAP", form: "%[1]s=%[2]s", head: "[ldap_0]",
		tls: map[tlsMode]string{tlsNone: "0", tlsStart: "1"},
		settings: []phoneSetting{
			set("enable", "1"), set("server", "{url}:{port}"), set("use_tls", "{tls}"), set("use_sal", "0"), set("base_object", "{base}"),
			set("auth_method", "{authmethod}"), set("bind_dn", "{dn}"), set("password", "{password}"),
			{name: "filter", value: "(|(cn=*%s*)(o=*%s*))", search: &phoneSearch{"name and number", func(v, typed string) string {
				return strings.ReplaceAll(v, "%s", strings.ReplaceAll(typed, " ", "*"))
			}}},
			set("name_attribute", "cn"), set("sip_attribute", "mobile,telephoneNumber,homePhone"), set("max_results", "50"), set("timeout", "5"),
			set("delay", "500"), set("min_chars", "0"), set("verify_server_certificates", "-1"),
		},
		notes: []string{
			"One filter serves names and callers: under the profile linphone digits in it are looked for in the numbers, and the number that was asked for is answered as it was written. Linphone drops a hit that is written differently.",
			"With use_tls=1 it asks for StartTLS and gives up without it.",
			"liblinphone 5.4 and later also knows sections [remote_contact_directory_0] with type=ldap and uri; the documents of 5.5 describe only those.",
		},
		use: phoneUse{
			save:   "Restart Linphone after a change in linphonerc; on its settings page, save.",
			browse: "The search field above the contacts: type two words of a name, in any order; contacts of the directory appear among the others.",
			ring:   "The name stands in place of the number while it rings, and in the call history.",
		},
		support: phoneSupport{"yes", "yes", "yes", "yes", "blanks become stars, in any order of the words; numbers are echoed"},
		sources: []phoneSource{
			{"all keys of the section and their defaults", "wiki.linphone.org, Lib/Features/LDAP; liblinphone, src/ldap/ldap-config-keys.cpp"},
			{"the search bar and the name of a caller", "linphone.org, LDAP search feature available in Linphone-desktop (2021)"},
		},
		open: "the place of the settings page in Linphone of today",
	}
}

func freepbxModel() phoneModel {
	return phoneModel{
		name: "freepbx", title: "FreePBX with CID Superfecta", profile: "freepbx",
		where: "Admin > CID Superfecta > a scheme > LDAP", form: "%[1]s: %[2]s",
		tls: map[tlsMode]string{tlsNone: "", tlsLDAPS: ""},
		settings: []phoneSetting{
			set("LDAP_Host", "{superfecta}"), set("LDAP_User", "{user}"), set("LDAP_Password", "{password}"), set("LDAP_Server", "Open LDAP"),
			{name: "LDAP_Unit", value: "{profile}", search: &phoneSearch{searchNumber, func(_, typed string) string {
				n := typed
				if len(n) > 8 {
					n = n[len(n)-8:]
				}
				return "(|(telephoneNumber=*" + n + ")(mobile=*" + n + ")(homeTelephoneNumber=*" + n + "))"
			}}},
			set("LDAP_Format", "1"),
		},
		notes: []string{
			"The module makes the base of the server's name: for the host ldap.example.com it asks in dc=ldap,dc=example,dc=com. Give ringdex that base (ldap.base), or the server such a name.",
			"It always binds as cn=USER with that base: make a user under ldap.users.",
			"It asks for the end of the number and takes the first entry: set the scheme's number filter length to 8 or more, since any number with the same end matches. The head number rule does not apply.",
		},
		use: phoneUse{
			save: "Submit, Apply Config. Inbound Routes > the route > Superfecta CID lookup: yes, with this scheme.",
			ring: "All phones of the exchange show the name with the number. The module's own page has a field to try a number: its debug output shows the entry that came.",
		},
		support: phoneSupport{"yes", "–", "–", "–", "asks for the last digits; takes the first entry"},
		sources: []phoneSource{
			{"the fields, the base, the bind and the filter", "github.com/FreePBX/superfecta, source-LDAP.module"},
			{"the schemes", "sangomakb.atlassian.net, CID Superfecta User Guide"},
		},
	}
}

func threecxModel() phoneModel {
	return phoneModel{
		name: "3cx", title: "3CX", profile: "3cx",
		where: "Settings > Advanced > Company Directory Sync > LDAP Directory Search in the management console; newer versions: Contacts > Options > LDAP", form: "%[1]s: %[2]s",
		tls: map[tlsMode]string{tlsNone: "no", tlsLDAPS: "yes"},
		settings: []phoneSetting{
			set("LDAP server", "{host}"), set("LDAP server port", "{port}"), set("LDAP Username", "{dn}"), set("User Password", "{password}"),
			set("LDAP search base", "{base}"), guess(set("SSL", "{tls}")),
			guess(callSetting("Search filter", numberFilter)),
			guess(set("First name", "givenName")), guess(set("Last name", "sn")), guess(set("Company", "o")), guess(set("Business", "telephoneNumber")),
			guess(set("Mobile", "mobile")), guess(set("Home", "homePhone")), guess(set("E-mail", "mail")),
		},
		notes: []string{"3CX copies an answer into its own phone book, where it stays: under the profile 3cx nobody is shown in doubt, and no company for an unknown extension. The console has a number of days after which such contacts go."},
		use: phoneUse{
			save: "OK. 3CX asks at the next call from outside whose number is in no phone book of its own.",
			ring: "All phones of the exchange show the name with the number; the entry appears in the company phone book.",
		},
		support: phoneSupport{"yes", "–", "–", "–", "keeps the first answer: nobody in doubt, no company for an extension"},
		sources: []phoneSource{{"the menu, the fields for server, user and base, and that a hit is kept", "3CX chapter of the Cortelco C58 manual, p. 80 (an older version)"}},
		open:    "menus, filter and attributes of newer versions",
	}
}

func innovaphoneModel() phoneModel {
	return phoneModel{
		name: "innovaphone", title: "innovaphone telephones, PBX and DECT", profile: "innovaphone",
		where: "Phone > User > Directories (older firmware: Configuration > Registration > Directories), External LDAP Server", form: "%[1]s: %[2]s",
		tls: map[tlsMode]string{tlsNone: "off", tlsLDAPS: "on"},
		settings: []phoneSetting{
			set("Enable", "yes"), set("Server", "{host}"), set("Port", "{port}"), guess(set("TLS", "{tls}")),
			set("User name", "{dn}"), set("Password", "{password}"), set("Search base", "{base}"), set("Mode", "basic"),
			{name: "Object filter", value: "inetorgperson", search: &phoneSearch{searchNumber, func(v, typed string) string {
				return "(&(objectClass=" + v + ")(|(telephoneNumber=" + typed + ")(homePhone=" + typed + ")(mobile=" + typed + ")))"
			}}},
			{name: "Name attributes", value: "company,givenName,sn", search: &phoneSearch{searchName, func(v, typed string) string {
				filter := "(&(objectClass=inetorgperson)(|"
				for a := range strings.SplitSeq(v, ",") {
					filter += "(" + a + "=" + typed + "*)"
				}
				return filter + "))"
			}}},
			set("Number attributes", "telephoneNumber:O,homePhone:H,mobile:M"),
			guess(set("Detail attributes", "mail,postalCode,l")),
		},
		notes: []string{
			"Version 13 and later may ask the meta attributes instead: metaSearchText for names, metaSearchNumber for numbers.",
			"Numbers may come with 000: dialling.outside_line has to be set. The exchange normalises what is answered with +.",
		},
		use: phoneUse{
			save:   "OK on the page; then Reset where the page asks for it.",
			browse: "Phone book, then the LDAP directory; type a name, letters or digits: the list shows company, first and last name.",
			ring:   "The name stands above the number while it rings.",
		},
		support: phoneSupport{"yes", "yes", "–", "yes", "`000…`, `metaSearchNumber`, `metaSearchText`, names typed on the keys"},
		sources: []phoneSource{
			{"the menu and the fields, up to three name attributes and ten number attributes with tags", "wiki.innovaphone.com, Reference12r1:Phone/User/Directories and Reference:Configuration/Registration/Directories"},
			{"mode, object filters, typing on the keys", "wiki.innovaphone.com, How to configure the Phones LDAP client"},
			{"the meta attributes", "wiki.innovaphone.com, Reference13r2:PBX/Objects/LDAP"},
		},
		open: "how the phone's page names LDAPS; the port is 636 there",
	}
}

func kamailioModel() phoneModel {
	return phoneModel{
		name: "kamailio", title: "Kamailio and OpenSIPS", profile: "kamailio",
		where: "ldap.cfg (modparam config_file of the module ldap), and the routing script", form: "%[1]s = %[2]s", head: "[ringdex]",
		tls: map[tlsMode]string{tlsNone: "", tlsLDAPS: ""},
		settings: []phoneSetting{
			set("ldap_server_url", `"{url}:{port}"`), set("ldap_version", "3"), set("ldap_bind_dn", `"{dn}"`), set("ldap_bind_password", `"{password}"`),
			{name: "# ldap_search", value: `("ldap://ringdex/{base}?cn?sub?(searchNumber=$fU)")`, search: &phoneSearch{searchNumber, func(v, typed string) string {
				u, err := url.Parse(strings.Trim(v, `(")`))
				if err != nil {
					return ""
				}
				parts := strings.Split(u.RawQuery, "?")
				return strings.ReplaceAll(strings.TrimSuffix(parts[len(parts)-1], ")")+")", "$fU", typed)
			}}},
			set("# ldap_result", `("cn/$avp(name)")`),
		},
		notes: []string{"The lines with # belong into the routing script: if (ldap_search(…)) { ldap_result(…); }. The connection stays open."},
		use: phoneUse{
			save: "kamctl or systemctl restart of the exchange: the module reads its file at the start only.",
			ring: "The script has the name in $avp(name), to be put into the From header or P-Asserted-Identity of the INVITE: then every phone shows it.",
		},
		support: phoneSupport{"yes", "–", "–", "–", "takes the first entry"},
		sources: []phoneSource{{"the keys of the file, and version 3 as the default", "github.com/kamailio/kamailio, src/modules/ldap, README and etc/ldap.cfg"}},
		open:    "OpenSIPS, whose module has the same origin, was not looked at",
	}
}
