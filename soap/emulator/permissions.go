package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// Permissions are what the user's permission sets and the org's sharing defaults say. They are told by the objects of
// setup; which records a query gives does not follow them.
type Permissions struct {
	ViewSetup   bool     `json:"view_setup"`    // View Setup and Configuration: may read the other objects of setup
	ViewAllData bool     `json:"view_all_data"` // View All Data
	NoViewAll   []string `json:"no_view_all"`   // objects without View All Records
	// Sharing is the default of an object: Private (also that of objects that are not named), Read, ReadWrite,
	// ReadWriteTransfer or ControlledByParent.
	Sharing map[string]string `json:"sharing"`
}

func defaultPermissions() Permissions {
	return Permissions{ViewSetup: true, NoViewAll: []string{}, Sharing: map[string]string{"Contact": "ControlledByParent", "User": "Read"}}
}

// Permissions gives the permissions.
func (o *Org) Permissions() Permissions {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.permissions.clone()
}

// SetPermissions changes the permissions.
func (o *Org) SetPermissions(p Permissions) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	named := slices.Clone(p.NoViewAll)
	for name, model := range p.Sharing {
		named = append(named, name)
		switch model {
		case "Private", "Read", "ReadWrite", "ReadWriteTransfer", "ControlledByParent":
		default:
			return fmt.Errorf("emulator: %q is no sharing default", model)
		}
	}
	for _, name := range named {
		if o.objects[name] == nil {
			return &ObjectError{Object: name}
		}
	}
	o.permissions = p.clone()
	return nil
}

func (p Permissions) clone() Permissions {
	p.NoViewAll = slices.Clone(p.NoViewAll)
	sharing := map[string]string{}
	for name, model := range p.Sharing {
		sharing[name] = model
	}
	p.Sharing = sharing
	return p
}

func (p *Permissions) sharing(object string) string {
	if model := p.Sharing[object]; model != "" {
		return model
	}
	return "Private"
}

// The objects of setup that tell permissions, in the form of standardObjects. Their prefixes are what real orgs use.
const (
	userPermissionFields = `
Id id 18 system
LastCacheUpdate datetime 0 system
PermissionsApiEnabled boolean 0 system
PermissionsModifyAllData boolean 0 system
PermissionsViewAllData boolean 0 system
PermissionsViewSetup boolean 0 system
`
	permissionSetFields = `
Id id 18 system
Name string 80 required
Label string 80 required
IsOwnedByProfile boolean 0 system
PermissionsViewAllData boolean 0
`
	assignmentFields = `
Id id 18 system
PermissionSetId reference 18 >PermissionSet:PermissionSet
AssigneeId reference 18 >User:Assignee
IsActive boolean 0 system
`
	objectPermissionFields = `
Id id 18 system
ParentId reference 18 >PermissionSet:Parent
SobjectType picklist 40 required
PermissionsRead boolean 0
PermissionsViewAllRecords boolean 0
PermissionsModifyAllRecords boolean 0
`
	fieldPermissionFields = `
Id id 18 system
ParentId reference 18 >PermissionSet:Parent
SobjectType picklist 40 required
Field picklist 80 required
PermissionsRead boolean 0
PermissionsEdit boolean 0
`
	entityFields = `
Id id 18 system
DurableId string 765 system
QualifiedApiName string 70 system
Label string 80 system
InternalSharingModel picklist 40 system
ExternalSharingModel picklist 40 system
`
)

// A setupObject is an object whose records are made when it is asked for.
type setupObject struct {
	object    *object
	needSetup bool // only with View Setup and Configuration
	rows      func(o *Org) []Values
}

func setupObjects() ([]*setupObject, error) {
	var out []*setupObject
	for _, def := range []struct {
		name, prefix, fields string
		needSetup            bool
		rows                 func(o *Org) []Values
	}{
		{"EntityDefinition", "4ie", entityFields, false, (*Org).entityRows},
		{"FieldPermissions", "01k", fieldPermissionFields, true, (*Org).fieldPermissionRows},
		{"ObjectPermissions", "110", objectPermissionFields, true, (*Org).objectPermissionRows},
		{"PermissionSet", "0PS", permissionSetFields, true, (*Org).permissionSetRows},
		{"PermissionSetAssignment", "0Pa", assignmentFields, true, (*Org).assignmentRows},
		{"UserPermissionAccess", "0J5", userPermissionFields, false, (*Org).userPermissionRows},
	} {
		obj := newObject(def.name, spaced(def.name), spaced(def.name), def.prefix)
		obj.setup = true
		if err := addFields(obj, def.fields); err != nil {
			return nil, err
		}
		out = append(out, &setupObject{obj, def.needSetup, def.rows})
	}
	return out, nil
}

// setupNamed finds an object of setup that the user may see.
func (o *Org) setupNamed(name string) *setupObject {
	for _, s := range o.setup {
		if strings.EqualFold(s.object.name, name) && (o.permissions.ViewSetup || !s.needSetup) {
			return s
		}
	}
	return nil
}

// filled is a copy of the object with the records of now, which belongs to one query.
func (s *setupObject) filled(o *Org) *object {
	obj := *s.object
	obj.table = newTable(&obj)
	for i, values := range s.rows(o) {
		r := &record{id: string(appendMadeID(nil, obj.prefix, "E0", uint32(i+1)))}
		r.setCell(obj.id, cell{r.id, true})
		for name, v := range values {
			n, known := obj.find(name)
			if !known {
				continue
			}
			r.setCell(n, cell{fmt.Sprint(v), true})
			if n == obj.id {
				r.id = r.cells[n].text
			}
		}
		obj.table.insert(r)
	}
	obj.table.settle()
	return &obj
}

// The user has one permission set; the other one is that of an administrator's profile, which sees everything.
func (o *Org) permissionSets() (user, admin string) {
	return string(appendMadeID(nil, "0PS", "E0", 1)), string(appendMadeID(nil, "0PS", "E0", 2))
}

func (o *Org) userPermissionRows() []Values {
	p := &o.permissions
	return []Values{{
		"LastCacheUpdate": formatDateTime(fixedTime().Unix()), "PermissionsApiEnabled": true, "PermissionsModifyAllData": false,
		"PermissionsViewAllData": p.ViewAllData, "PermissionsViewSetup": p.ViewSetup,
	}}
}

func (o *Org) permissionSetRows() []Values {
	user, admin := o.permissionSets()
	return []Values{
		{"Id": user, "Name": "Telephone_Directory", "Label": "Telephone Directory", "IsOwnedByProfile": false, "PermissionsViewAllData": o.permissions.ViewAllData},
		{"Id": admin, "Name": "X00ex00000018ozT_128_09_43_34_1", "Label": "System Administrator", "IsOwnedByProfile": true, "PermissionsViewAllData": true},
	}
}

func (o *Org) assignmentRows() []Values {
	user, admin := o.permissionSets()
	return []Values{
		{"PermissionSetId": user, "AssigneeId": o.userID, "IsActive": true},
		{"PermissionSetId": admin, "AssigneeId": string(appendMadeID(nil, "005", "E0", 2)), "IsActive": true},
	}
}

func (o *Org) objectPermissionRows() []Values {
	user, admin := o.permissionSets()
	var out []Values
	for _, name := range o.names {
		all := o.permissions.ViewAllData || !slices.Contains(o.permissions.NoViewAll, name)
		out = append(
			out,
			Values{"ParentId": user, "SobjectType": name, "PermissionsRead": true, "PermissionsViewAllRecords": all, "PermissionsModifyAllRecords": false},
			Values{"ParentId": admin, "SobjectType": name, "PermissionsRead": true, "PermissionsViewAllRecords": true, "PermissionsModifyAllRecords": true},
		)
	}
	return out
}

// fieldPermissionRows has a row only where there is a permission, as real orgs do.
func (o *Org) fieldPermissionRows() []Values {
	user, admin := o.permissionSets()
	var out []Values
	for _, name := range o.names {
		for _, f := range o.objects[name].fields {
			if f.removed || f.readOnly || f.required || f.compound != "" && f.kind != "address" {
				continue // always visible, or by way of its compound field
			}
			row := func(parent string) Values {
				return Values{"ParentId": parent, "SobjectType": name, "Field": name + "." + f.name, "PermissionsRead": true, "PermissionsEdit": parent == admin}
			}
			out = append(out, row(admin))
			if f.visible() {
				out = append(out, row(user))
			}
		}
	}
	return out
}

func (o *Org) entityRows() []Values {
	var out []Values
	for _, name := range o.names {
		model := o.permissions.sharing(name)
		out = append(out, Values{
			"DurableId": name, "QualifiedApiName": name, "Label": o.objects[name].label, "InternalSharingModel": model, "ExternalSharingModel": "Private",
		})
	}
	return out
}
