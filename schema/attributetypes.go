package schema

// ownArc is the arc of our own attribute types and object classes: a UUID as an OID (X.667, 7; RFC 9562).
const ownArc = "2.25.167506190518019172066871690455432184400"

// Where the built-in types come from. Many aliases are what telephones and address books send, not names of
// the RFCs.
const (
	arcX500        = "2.5.4."                              // RFC 4519
	arcCosine      = "0.9.2342.19200300.100.1."            // RFC 4519, RFC 4524
	arcInetOrg     = "2.16.840.1.113730.3.1."              // RFC 2798
	arcOperational = "2.5.18."                             // RFC 4512, 3.4
	arcSchema      = "2.5.21."                             // RFC 4512, 4.2
	arcLDAP        = "1.3.6.1.4.1.1466.101.120."           // RFC 4512, 4.2 and 5.1
	arcActive      = "1.2.840.113556.1."                   // Active Directory's: telephones ask for these names
	arcOwn         = ownArc + ".1."                        // ours
	arcVirtual     = ownArc + ".2."                        // ours, virtual
	listMatch      = "caseIgnoreListMatch"                 // RFC 4517, 4.2.17
	componentMatch = "objectIdentifierFirstComponentMatch" // RFC 4517, 4.2.27
)

// builtinTypes returns the built-in attribute types, supertypes first.
func builtinTypes() []AttributeType {
	types := []AttributeType{
		{Name: "objectClass", OID: arcX500 + "0", Syntax: OID},

		// Names. All of them are ordered, and all below name are found by (name=…) (RFC 4519, 2.18).
		{Name: "name", OID: arcX500 + "41", Syntax: Name},
		{Name: "cn", Aliases: []string{"commonName", "fullName"}, OID: arcX500 + "3", Superior: "name", Syntax: Name},
		{Name: "sn", Aliases: []string{"surname", "lastName"}, OID: arcX500 + "4", Superior: "name", Syntax: Name},
		{Name: "givenName", Aliases: []string{"gn", "firstName"}, OID: arcX500 + "42", Superior: "name", Syntax: Name},
		{Name: "initials", OID: arcX500 + "43", Superior: "name", Syntax: Name},
		{Name: "generationQualifier", OID: arcX500 + "44", Superior: "name", Syntax: Name},
		{Name: "o", Aliases: []string{"organizationName", "company", "companyName"}, OID: arcX500 + "10", Superior: "name", Syntax: Name},
		{Name: "ou", Aliases: []string{"organizationalUnitName", "orgUnit"}, OID: arcX500 + "11", Superior: "name", Syntax: Name},
		{Name: "title", Aliases: []string{"position", "jobTitle"}, OID: arcX500 + "12", Superior: "name", Syntax: Name},
		{Name: "l", Aliases: []string{"localityName", "locality", "city"}, OID: arcX500 + "7", Superior: "name", Syntax: Name},
		{Name: "st", Aliases: []string{"stateOrProvinceName", "state"}, OID: arcX500 + "8", Superior: "name", Syntax: Name},
		{Name: "c", Aliases: []string{"countryName", "countryCode"}, OID: arcX500 + "6", Superior: "name", Syntax: Name, Single: true},
		{Name: "displayName", OID: arcInetOrg + "241", Syntax: Name, Single: true},
		{Name: "department", OID: arcActive + "2.141", Syntax: Name},
		{Name: "nickname", Aliases: []string{"mozillaNickname", "xmozillanickname"}, OID: arcOwn + "1", Syntax: Name},
		{Name: "personalTitle", OID: arcCosine + "40", Syntax: Name},
		{Name: "assistant", Aliases: []string{"assistantName"}, OID: arcOwn + "2", Syntax: Name},

		// Telephone numbers.
		{Name: "telephoneNumber", Aliases: []string{"tel", "telephone", "phone", "telephonePrimary", "primaryPhone", "workPhone", "businessPhone", "officePhone", "telephoneWork"}, OID: arcX500 + "20", Syntax: Phone},
		{Name: "mobile", Aliases: []string{"mobileTelephoneNumber", "mobilePhone", "cell", "cellPhone", "carPhone", "moblie"}, OID: arcCosine + "41", Syntax: Phone},
		{Name: "homePhone", Aliases: []string{"homeTelephoneNumber", "home", "telephoneHome"}, OID: arcCosine + "20", Syntax: Phone},
		{Name: "otherTelephone", Aliases: []string{"other", "otherPhone", "telephoneOther"}, OID: arcActive + "2.18", Syntax: Phone},
		{Name: "otherMobile", OID: arcActive + "4.647", Syntax: Phone},
		{Name: "otherHomePhone", OID: arcActive + "2.277", Syntax: Phone},
		{Name: "ipPhone", Aliases: []string{"extension", "telephoneExtension"}, OID: arcActive + "4.721", Syntax: Phone},
		{Name: "companyPhone", Aliases: []string{"telephoneNumberCompanyMain"}, OID: arcOwn + "3", Syntax: Phone},
		{Name: "telephoneAssistant", Aliases: []string{"assistantPhone"}, OID: arcOwn + "4", Syntax: Phone},
		{Name: "pager", Aliases: []string{"pagerTelephoneNumber"}, OID: arcCosine + "42", Syntax: Phone},
		{Name: "facsimileTelephoneNumber", Aliases: []string{"fax", "faxNumber", "telephoneFax"}, OID: arcX500 + "23", Syntax: Fax},
		{Name: "otherFacsimileTelephoneNumber", OID: arcActive + "4.646", Syntax: Fax},

		// Mail and web.
		{Name: "mail", Aliases: []string{"rfc822Mailbox", "email", "emailAddress"}, OID: arcCosine + "3", Syntax: Mail},
		{Name: "mail2", Aliases: []string{"mozillaSecondEmail"}, OID: arcOwn + "5", Syntax: Mail},
		{Name: "mail3", OID: arcOwn + "6", Syntax: Mail},
		{Name: "sipAddress", OID: arcOwn + "7", Syntax: URL},
		{Name: "labeledURI", Aliases: []string{"labeledURL"}, OID: "1.3.6.1.4.1.250.1.57", Syntax: URL},
		{Name: "wWWHomePage", Aliases: []string{"url", "homePage", "website", "workUrl", "mozillaWorkUrl"}, OID: arcActive + "2.464", Syntax: URL},

		// Addresses.
		{Name: "street", Aliases: []string{"streetAddress"}, OID: arcX500 + "9", Syntax: Text},
		{Name: "postalCode", Aliases: []string{"zip"}, OID: arcX500 + "17", Syntax: Text},
		{Name: "postOfficeBox", OID: arcX500 + "18", Syntax: Text},
		{Name: "postalAddress", OID: arcX500 + "16", Syntax: Text, rules: &rules{listMatch, "", "caseIgnoreListSubstringsMatch", syntaxArc + "41"}},
		{Name: "homePostalAddress", OID: arcCosine + "39", Syntax: Text, rules: &rules{listMatch, "", "caseIgnoreListSubstringsMatch", syntaxArc + "41"}},
		{Name: "physicalDeliveryOfficeName", Aliases: []string{"office"}, OID: arcX500 + "19", Syntax: Text},
		{Name: "co", Aliases: []string{"friendlyCountryName", "country"}, OID: arcCosine + "43", Syntax: Text},
		{Name: "roomNumber", OID: arcCosine + "6", Syntax: Text},
		{Name: "destinationIndicator", OID: arcX500 + "27", Syntax: Text},
		{Name: "privateAddressStreet", OID: arcOwn + "8", Syntax: Text},
		{Name: "privateAddressPostalCode", OID: arcOwn + "9", Syntax: Text},
		{Name: "privateAddressCity", OID: arcOwn + "10", Syntax: Text},
		{Name: "privateAddressState", OID: arcOwn + "11", Syntax: Text},
		{Name: "privateAddressCountry", OID: arcOwn + "12", Syntax: Text},

		// About a person or a company.
		{Name: "description", OID: arcX500 + "13", Syntax: Text},
		{Name: "info", Aliases: []string{"notes"}, OID: arcCosine + "4", Syntax: Text},
		{Name: "businessCategory", OID: arcX500 + "15", Syntax: Text},
		{Name: "departmentNumber", OID: arcInetOrg + "2", Syntax: Text},
		{Name: "employeeNumber", OID: arcInetOrg + "3", Syntax: Text, Single: true},
		{Name: "employeeType", OID: arcInetOrg + "4", Syntax: Text},
		{Name: "preferredLanguage", OID: arcInetOrg + "39", Syntax: Text, Single: true},
		{Name: "manager", OID: arcCosine + "10", Syntax: DN},
		{Name: "secretary", OID: arcCosine + "21", Syntax: DN},
		{Name: "seeAlso", OID: arcX500 + "34", Syntax: DN},
		{Name: "jpegPhoto", OID: arcCosine + "60", Syntax: Octets, rules: &rules{syntax: syntaxArc + "28"}},
		{Name: "thumbnailPhoto", OID: arcInetOrg + "35", Syntax: Octets},
		{Name: "userPassword", OID: arcX500 + "35", Syntax: Octets},

		// Naming.
		{Name: "uid", Aliases: []string{"userid", "entryID"}, OID: arcCosine + "1", Syntax: Text},
		{Name: "dc", Aliases: []string{"domainComponent"}, OID: arcCosine + "25", Syntax: Mail, Single: true},

		// Search only: the server decides what is asked. estos MetaDirectory and innovaphone phones, Active Directory.
		{Name: "searchNumber", OID: arcVirtual + "1", Syntax: Phone, Virtual: AnyNumber},
		{Name: "metaSearchNumber", OID: arcVirtual + "2", Syntax: Phone, Virtual: AnyNumber},
		{Name: "searchContact", Aliases: []string{"searchIndividual"}, OID: arcVirtual + "3", Syntax: Name, Virtual: AnyName},
		{Name: "metaSearchText", OID: arcVirtual + "4", Syntax: Name, Virtual: AnyName},
		{Name: "anr", OID: arcActive + "4.1208", Syntax: Name, Virtual: AnyName},
	}
	return append(types, operationalTypes()...)
}

// operationalTypes returns what the directory says about entries and about itself (RFC 4512, 3.4, 4.2 and 5.1; RFC 3045;
// RFC 4530; RFC 5020).
func operationalTypes() []AttributeType {
	entry := func(name, oid string, s Syntax, single bool) AttributeType {
		return AttributeType{Name: name, OID: oid, Syntax: s, Single: single, Operational: true}
	}
	described := func(name, oid, equality, syntax string) AttributeType {
		return AttributeType{Name: name, OID: oid, Operational: true, rules: &rules{equality: equality, syntax: syntaxArc + syntax}}
	}
	server := func(name, oid string, s Syntax, single bool) AttributeType {
		return AttributeType{Name: name, OID: oid, Syntax: s, Single: single, Operational: true, serverWide: true}
	}
	return []AttributeType{
		entry("createTimestamp", arcOperational+"1", Time, true),
		entry("modifyTimestamp", arcOperational+"2", Time, true),
		entry("creatorsName", arcOperational+"3", DN, true),
		entry("modifiersName", arcOperational+"4", DN, true),
		entry("hasSubordinates", arcOperational+"9", Boolean, true),
		entry("numSubordinates", "1.3.6.1.4.1.453.16.2.103", Integer, true),
		entry("subschemaSubentry", arcOperational+"10", DN, true),
		entry("structuralObjectClass", arcSchema+"9", OID, true),
		entry("entryUUID", "1.3.6.1.1.16.4", UUID, true),
		entry("entryDN", "1.3.6.1.1.20", DN, true),
		described("subtreeSpecification", arcOperational+"6", "", "45"),
		described("attributeTypes", arcSchema+"5", componentMatch, "3"),
		described("objectClasses", arcSchema+"6", componentMatch, "37"),
		described("matchingRules", arcSchema+"4", componentMatch, "30"),
		described("matchingRuleUse", arcSchema+"8", componentMatch, "31"),
		described("ldapSyntaxes", arcLDAP+"16", componentMatch, "54"),
		server("namingContexts", arcLDAP+"5", DN, false),
		server("defaultNamingContext", ownArc+".3.1", DN, true),
		server("altServer", arcLDAP+"6", URL, false),
		server("supportedExtension", arcLDAP+"7", OID, false),
		server("supportedControl", arcLDAP+"13", OID, false),
		server("supportedFeatures", "1.3.6.1.4.1.4203.1.3.5", OID, false),
		server("supportedSASLMechanisms", arcLDAP+"14", Text, false),
		server("supportedLDAPVersion", arcLDAP+"15", Integer, false),
		server("vendorName", "1.3.6.1.1.4", Text, true),
		server("vendorVersion", "1.3.6.1.1.5", Text, true),
	}
}
