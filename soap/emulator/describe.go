package emulator

import (
	"slices"
	"strings"
)

const maxDescribe = 100 // names of one describeSObjects call

// traits of an object: the flags that describeGlobal and describeSObject share, by the version that brought them.
func (o *Org) writeTraits(w *xmlWriter, obj *object, version int, full bool) {
	common := obj.name != "User" && !obj.setup
	if full && version >= 50 || !full && version >= 50 {
		w.null("associateEntityType")
		w.null("associateParentEntity")
	}
	if full {
		o.writeChildren(w, obj)
		w.flag("compactLayoutable", !obj.setup)
	}
	w.flag("createable", !obj.setup)
	w.flag("custom", obj.custom)
	w.flag("customSetting", false)
	if version >= 47 {
		w.flag("dataTranslationEnabled", false)
		w.flag("deepCloneable", false)
	}
	if full && version >= 47 {
		w.null("defaultImplementation")
	}
	w.flag("deletable", common)
	w.flag("deprecatedAndHidden", false)
	w.flag("feedEnabled", common)
	if full {
		for _, f := range obj.fields {
			if f.visible() {
				writeField(w, f, version)
			}
		}
	}
	w.flag("hasSubtypes", false)
	w.flag("idEnabled", true)
	if version >= 47 {
		if full {
			w.null("implementedBy")
			w.null("implementsInterfaces")
		}
		w.flag("isInterface", false)
	}
	if version >= 41 {
		w.flag("isSubtype", false)
	}
	w.nillable("keyPrefix", obj.prefix)
	w.text("label", obj.label)
	w.text("labelPlural", obj.plural)
	w.flag("layoutable", !obj.setup)
	_, merges := obj.find("MasterRecordId")
	w.flag("mergeable", merges)
	w.flag("mruEnabled", !obj.setup)
	w.text("name", obj.name)
	if full {
		w.null("networkScopeFieldName")
	}
	w.flag("queryable", true)
	if full {
		w.open("recordTypeInfos")
		w.flag("active", true)
		w.flag("available", true)
		w.flag("defaultRecordTypeMapping", true)
		if version >= 44 {
			w.text("developerName", "Master")
		}
		w.flag("master", true)
		w.text("name", "Master")
		w.text("recordTypeId", "012000000000000AAA")
		w.close("recordTypeInfos")
	}
	w.flag("replicateable", !obj.setup)
	w.flag("retrieveable", !obj.setup)
	if full {
		w.flag("searchLayoutable", !obj.setup)
	}
	w.flag("searchable", !obj.setup)
	if full {
		w.open("supportedScopes")
		w.text("label", "All "+strings.ToLower(obj.plural))
		w.text("name", "everything")
		w.close("supportedScopes")
	}
	w.flag("triggerable", !obj.setup)
	w.flag("undeletable", common)
	w.flag("updateable", !obj.setup)
}

func (o *Org) writeDescribeGlobal(w *xmlWriter, version int) {
	w.raw("<describeGlobalResponse><result>")
	w.text("encoding", "UTF-8")
	w.number("maxBatchSize", 200)
	shown := make([]*object, 0, len(o.names)+len(o.setup))
	for _, name := range o.names {
		shown = append(shown, o.objects[name])
	}
	for _, s := range o.setup {
		if o.setupNamed(s.object.name) != nil {
			shown = append(shown, s.object)
		}
	}
	slices.SortFunc(shown, func(a, b *object) int { return strings.Compare(a.name, b.name) })
	for _, obj := range shown {
		w.open("sobjects")
		w.flag("activateable", false)
		o.writeTraits(w, obj, version, false)
		w.close("sobjects")
	}
	w.raw("</result></describeGlobalResponse>")
}

// writeDescribe writes the describeSObject and describeSObjects replies.
func (o *Org) writeDescribe(w *xmlWriter, op string, names []string, version int) *fault {
	if len(names) > maxDescribe {
		return newFault("EXCEEDED_MAX_TYPES_LIMIT", "Number of types exceeds the limit: 100")
	}
	w.open(op + "Response")
	for _, name := range names {
		obj := o.object(name)
		if s := o.setupNamed(name); obj == nil && s != nil {
			obj = s.object
		}
		if obj == nil {
			return newFault("INVALID_TYPE", "sObject type '"+name+"' is not supported."+adviceObject)
		}
		w.open("result")
		w.flag("activateable", false)
		o.writeTraits(w, obj, version, true)
		w.text("urlDetail", o.url+"/{ID}")
		w.text("urlEdit", o.url+"/{ID}/e")
		w.text("urlNew", o.url+"/"+obj.prefix+"/e")
		w.close("result")
	}
	w.close(op + "Response")
	return nil
}

func (o *Org) writeChildren(w *xmlWriter, parent *object) {
	for _, name := range o.names {
		for _, f := range o.objects[name].fields {
			if !f.visible() || len(f.referenceTo) == 0 {
				continue
			}
			for _, target := range f.referenceTo {
				if target != parent.name {
					continue
				}
				w.open("childRelationships")
				w.flag("cascadeDelete", false)
				w.text("childSObject", name)
				w.flag("deprecatedAndHidden", false)
				w.text("field", f.name)
				w.optional("relationshipName", f.childRelationship)
				w.close("childRelationships")
			}
		}
	}
}

// writeField writes one <fields> element, in the order of the schema.
func writeField(w *xmlWriter, f *field, version int) {
	text := f.soapType() == "xsd:string"
	compound := f.kind == "address" || f.kind == "location"
	long := f.kind == "textarea" && f.length > 255
	w.open("fields")
	w.flag("aggregatable", !compound && !long && f.kind != "boolean")
	if version >= 44 {
		w.flag("aiPredictionField", false)
	}
	w.flag("autoNumber", f.name == "CaseNumber")
	switch {
	case f.isID():
		w.number("byteLength", 18)
	case text:
		w.number("byteLength", 3*f.length)
	default:
		w.number("byteLength", 0)
	}
	w.flag("calculated", f.calculated)
	w.flag("caseSensitive", false)
	w.optional("compoundFieldName", f.compound)
	w.flag("createable", !f.readOnly)
	w.flag("custom", f.custom)
	w.flag("defaultedOnCreate", f.kind == "boolean" || f.name == "OwnerId" || f.readOnly && (f.kind == "id" || f.kind == "datetime"))
	w.flag("deprecatedAndHidden", false)
	digits := 0
	if f.kind == "int" {
		digits = f.length
	}
	w.number("digits", digits)
	w.flag("filterable", f.filterable())
	w.flag("groupable", f.filterable() && !f.numeric() && f.kind != "datetime")
	w.flag("idLookup", f.kind == "id" || f.kind == "email" || f.nameField)
	w.text("label", f.label)
	length := f.length
	if f.kind == "int" {
		length = 0
	}
	w.number("length", length)
	w.text("name", f.name)
	w.flag("nameField", f.nameField)
	w.flag("namePointing", len(f.referenceTo) > 1)
	w.flag("nillable", f.nillable())
	w.flag("permissionable", !f.readOnly && !f.required)
	for _, v := range f.picklist {
		w.open("picklistValues")
		w.flag("active", true)
		w.flag("defaultValue", false)
		w.text("label", v)
		w.text("value", v)
		w.close("picklistValues")
	}
	if version >= 41 {
		w.flag("polymorphicForeignKey", len(f.referenceTo) > 1)
	}
	w.number("precision", f.precision)
	w.flag("queryByDistance", f.kind == "address" || f.kind == "location")
	for _, r := range f.referenceTo {
		w.text("referenceTo", r)
	}
	w.optional("relationshipName", f.relationship)
	w.flag("restrictedPicklist", false)
	w.number("scale", f.scale)
	if version >= 41 {
		w.flag("searchPrefilterable", f.kind == "reference" && !f.readOnly)
	}
	w.text("soapType", f.soapType())
	w.flag("sortable", f.filterable())
	w.text("type", f.kind)
	w.flag("unique", false)
	w.flag("updateable", !f.readOnly)
	w.close("fields")
}

func (f *field) nillable() bool {
	switch {
	case f.required, f.kind == "id", f.kind == "boolean", f.name == "OwnerId":
		return false
	case f.readOnly && (f.name == "CreatedDate" || f.name == "LastModifiedDate" || f.name == "SystemModstamp" || f.name == "CreatedById" || f.name == "LastModifiedById"):
		return false
	}
	return true
}
