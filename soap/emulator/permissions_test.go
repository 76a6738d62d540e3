package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// texts gives the text of all elements of that name, at any depth.
func texts(a answer, name string) []string {
	var out []string
	for _, e := range all(a.root, name) {
		out = append(out, e.text)
	}
	return out
}

func TestPermissionsAreTold(t *testing.T) {
	t.Parallel()
	s := people(t)
	c := login(t, s)
	read := func(soql string, columns ...string) string {
		t.Helper()
		a := c.query(soql)
		if a.status != 200 {
			return a.fault()
		}
		var out []string
		for _, name := range columns {
			out = append(out, strings.Join(texts(a, name), " "))
		}
		return strings.Join(out, " | ")
	}
	user := s.org.userID
	sets := c.query("SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '" + user + "'").column("PermissionSetId")
	if len(sets) != 1 {
		t.Fatalf("permission sets of the user: %v", sets)
	}
	const sharing = "SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'Contact', 'User')"
	const access = "SELECT PermissionsViewAllData, PermissionsViewSetup FROM UserPermissionAccess"
	objects := "SELECT SobjectType FROM ObjectPermissions WHERE ParentId IN ('" + sets[0] + "') AND PermissionsViewAllRecords = true AND SobjectType IN ('Account', 'Contact')"
	fields := "SELECT Field FROM FieldPermissions WHERE ParentId = '" + sets[0] + "' AND Field IN ('Contact.Phone', 'Contact.MobilePhone')"
	for _, tt := range []struct{ name, soql, column, want string }{
		{"sharing defaults", sharing, "InternalSharingModel", "Private ControlledByParent Read"},
		{"view all data", access, "PermissionsViewAllData", "false"},
		{"view all records", objects, "SobjectType", "Account Contact"},
		{"fields", fields, "Field", "Contact.Phone Contact.MobilePhone"},
		{"by way of the parent", "SELECT Parent.Label FROM ObjectPermissions WHERE SobjectType = 'Lead' AND PermissionsModifyAllRecords = true", "Label", "System Administrator"},
		{"a user by Id", "SELECT Username FROM User WHERE Id = '" + user + "' AND IsActive = true", "Username", "integration@example.com"},
	} {
		if got := read(tt.soql, tt.column); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}

	if err := s.org.HideField("Contact", "Phone"); err != nil {
		t.Fatal(err)
	}
	p := s.org.Permissions()
	p.NoViewAll, p.Sharing["Account"] = []string{"Contact"}, "ReadWrite"
	if err := s.org.SetPermissions(p); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, soql, column, want string }{
		{"sharing after", sharing, "InternalSharingModel", "ReadWrite ControlledByParent Read"},
		{"records after", objects, "SobjectType", "Account"},
		{"fields after", fields, "Field", "Contact.MobilePhone"},
		{"a hidden field is another's to see", "SELECT Field FROM FieldPermissions WHERE Field = 'Contact.Phone'", "Field", "Contact.Phone"},
	} {
		if got := read(tt.soql, tt.column); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}

	p.ViewSetup, p.ViewAllData = false, true
	if err := s.org.SetPermissions(p); err != nil {
		t.Fatal(err)
	}
	if got := read(access, "PermissionsViewAllData", "PermissionsViewSetup"); got != "true | false" {
		t.Errorf("access without View Setup: %q", got)
	}
	if got := read(objects, "SobjectType"); !strings.Contains(got, "INVALID_TYPE") {
		t.Errorf("object permissions without View Setup: %q", got)
	}
	names := texts(c.call("<urn:describeGlobal/>"), "name")
	if slices.Contains(names, "ObjectPermissions") || !slices.Contains(names, "UserPermissionAccess") {
		t.Errorf("describeGlobal without View Setup: %v", names)
	}
	for i, wrong := range []Permissions{{NoViewAll: []string{"Person"}}, {Sharing: map[string]string{"Contact": "Secret"}}} {
		if s.org.SetPermissions(wrong) == nil {
			t.Error(fmt.Sprint("wrong permissions are taken: ", i))
		}
	}
}
