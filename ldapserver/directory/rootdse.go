package directory

import "ringdex/ldapserver/protocol"

// rootDSE describes the server (RFC 4512, 5.1). It is readable by anybody, before a bind and before StartTLS. AD's
// attributes (supportedCapabilities, schemaNamingContext …) are left out rather than invented: clients that find them
// switch to AD's behaviour.
func (d *Directory) rootDSE() *staticEntry {
	e := &staticEntry{attributes: []staticAttribute{
		{name: "objectClass", values: []string{"top", "extensibleObject"}},
		{name: "namingContexts", operational: true, values: []string{d.options.Base}},
		{name: "defaultNamingContext", operational: true, values: []string{d.options.Base}},
		{name: "subschemaSubentry", operational: true, values: []string{subschemaDN}},
		{name: "supportedLDAPVersion", operational: true, values: []string{"2", "3"}},
		{name: "supportedControl", operational: true, values: d.Controls()},
		{name: "supportedExtension", operational: true, values: d.extensions()},
		{name: "supportedFeatures", operational: true, values: []string{
			protocol.OIDAllOperationalAttributes, protocol.OIDObjectClassAttributes, protocol.OIDTrueFalseFilters,
		}},
		{name: "vendorName", operational: true, values: []string{"ringdex"}},
	}}
	if d.options.Version != "" {
		e.attributes = append(e.attributes, staticAttribute{name: "vendorVersion", operational: true, values: []string{d.options.Version}})
	}
	return e
}

func (d *Directory) extensions() []string {
	out := []string{protocol.OIDWhoAmI, protocol.OIDCancel}
	if d.options.StartTLS {
		out = append(out, protocol.OIDStartTLS)
	}
	return out
}
