package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The standard objects, one field a line: name, type, length (or precision,scale), then marks:
// required, system (read-only), >Object:Relationship:Children for a reference, (Compound) for a part, =label.
const (
	systemFields = `
Id id 18 system =Record_ID
IsDeleted boolean 0 system =Deleted
`
	systemTail = `
CreatedDate datetime 0 system
CreatedById reference 18 system >User:CreatedBy =Created_By_ID
LastModifiedDate datetime 0 system
LastModifiedById reference 18 system >User:LastModifiedBy =Last_Modified_By_ID
SystemModstamp datetime 0 system =System_Modstamp
`
	viewFields = `
LastActivityDate date 0 system =Last_Activity
LastViewedDate datetime 0 system
LastReferencedDate datetime 0 system
`
	contactFields = `
MasterRecordId reference 18 system >Contact:MasterRecord =Master_Record_ID
AccountId reference 18 >Account:Account:Contacts =Account_ID
LastName string 80 required (Name)
FirstName string 40 (Name)
Salutation picklist 40 (Name)
MiddleName string 40 (Name)
Suffix string 40 (Name)
Name string 121 system =Full_Name
@Other
@Mailing
Phone phone 40 =Business_Phone
Fax phone 40 =Business_Fax
MobilePhone phone 40
HomePhone phone 40
OtherPhone phone 40
AssistantPhone phone 40 =Asst._Phone
ReportsToId reference 18 >Contact:ReportsTo:ContactReports =Reports_To_ID
Email email 80
Title string 128
Department string 80
AssistantName string 40
LeadSource picklist 255
Birthdate date 0
Description textarea 32000 =Contact_Description
OwnerId reference 18 >User:Owner =Owner_ID
HasOptedOutOfEmail boolean 0 =Email_Opt_Out
HasOptedOutOfFax boolean 0 =Fax_Opt_Out
DoNotCall boolean 0
LastCURequestDate datetime 0 system =Last_Stay-in-Touch_Request_Date
LastCUUpdateDate datetime 0 system =Last_Stay-in-Touch_Save_Date
EmailBouncedReason string 255 system
EmailBouncedDate datetime 0 system
IsEmailBounced boolean 0 system
PhotoUrl url 255 system =Photo_URL
Jigsaw string 20 =Data.com_Key
IndividualId reference 18 >Individual:Individual =Individual_ID
`
	accountFields = `
MasterRecordId reference 18 system >Account:MasterRecord =Master_Record_ID
Name string 255 required =Account_Name
Type picklist 255 =Account_Type
ParentId reference 18 >Account:Parent:ChildAccounts =Parent_Account_ID
@Billing
@Shipping
Phone phone 40 =Account_Phone
Fax phone 40 =Account_Fax
AccountNumber string 40
Website url 255
PhotoUrl url 255 system =Photo_URL
Sic string 20 =SIC_Code
Industry picklist 255
AnnualRevenue currency 18,0
NumberOfEmployees int 8 =Employees
Ownership picklist 255
TickerSymbol string 20
Description textarea 32000 =Account_Description
Rating picklist 255 =Account_Rating
Site string 80 =Account_Site
OwnerId reference 18 >User:Owner =Owner_ID
Jigsaw string 20 =Data.com_Key
AccountSource picklist 255
SicDesc string 80 =SIC_Description
`
	leadFields = `
MasterRecordId reference 18 system >Lead:MasterRecord =Master_Record_ID
LastName string 80 required (Name)
FirstName string 40 (Name)
Salutation picklist 40 (Name)
MiddleName string 40 (Name)
Suffix string 40 (Name)
Name string 121 system =Full_Name
Title string 128
Company string 255 required
@
Phone phone 40
MobilePhone phone 40
Fax phone 40
Email email 80
Website url 255
PhotoUrl url 255 system =Photo_URL
Description textarea 32000
LeadSource picklist 255
Status picklist 255
Industry picklist 255
Rating picklist 255
AnnualRevenue currency 18,0
NumberOfEmployees int 8 =Employees
OwnerId reference 18 >User:Owner =Owner_ID
HasOptedOutOfEmail boolean 0 =Email_Opt_Out
IsConverted boolean 0 system =Converted
ConvertedDate date 0 system
ConvertedAccountId reference 18 system >Account:ConvertedAccount =Converted_Account_ID
ConvertedContactId reference 18 system >Contact:ConvertedContact =Converted_Contact_ID
IsUnreadByOwner boolean 0 =Unread_By_Owner
DoNotCall boolean 0
HasOptedOutOfFax boolean 0 =Fax_Opt_Out
Jigsaw string 20 =Data.com_Key
EmailBouncedReason string 255 system
EmailBouncedDate datetime 0 system
`
	userFields = `
Username string 80 required
LastName string 80 required (Name)
FirstName string 40 (Name)
MiddleName string 40 (Name)
Suffix string 40 (Name)
Name string 121 system =Full_Name
CompanyName string 80
Division string 80
Department string 80
Title string 80
@
Email email 128
Phone phone 40
Fax phone 40
MobilePhone phone 40 =Mobile
Extension phone 40
Alias string 8
CommunityNickname string 40 =Nickname
IsActive boolean 0 =Active
TimeZoneSidKey picklist 40 =Time_Zone
LocaleSidKey picklist 40 =Locale
LanguageLocaleKey picklist 40 =Language
UserType picklist 40
EmployeeNumber string 20
FederationIdentifier string 512 =SAML_Federation_ID
CallCenterId reference 18 >CallCenter:CallCenter =Call_Center_ID
ContactId reference 18 >Contact:Contact =Contact_ID
AccountId reference 18 system >Account:Account =Account_ID
ManagerId reference 18 >User:Manager:ManagedUsers =Manager_ID
AboutMe textarea 1000
LastLoginDate datetime 0 system =Last_Login
`
	taskFields = `
WhoId reference 18 >Contact,Lead:Who:Tasks =Name_ID
WhatId reference 18 >Account,Case:What =Related_To_ID
Subject combobox 255
ActivityDate date 0 =Due_Date_Only
Status picklist 255
Priority picklist 255
OwnerId reference 18 >User:Owner =Assigned_To_ID
Description textarea 32000
AccountId reference 18 system >Account:Account =Account_ID
IsClosed boolean 0 system =Closed
IsArchived boolean 0 system =Archived
CallDurationInSeconds int 8 =Call_Duration
CallType picklist 40
CallDisposition string 255 =Call_Result
CallObject string 255 =Call_Object_Identifier
TaskSubtype picklist 40
`
	caseFields = `
MasterRecordId reference 18 system >Case:MasterRecord =Master_Record_ID
CaseNumber string 30 system
ContactId reference 18 >Contact:Contact:Cases =Contact_ID
AccountId reference 18 >Account:Account:Cases =Account_ID
ParentId reference 18 >Case:Parent:Cases =Parent_Case_ID
SuppliedName string 80
SuppliedEmail email 80 =Email_Address
SuppliedPhone string 40 =Phone
SuppliedCompany string 80 =Company
Type picklist 255 =Case_Type
Status picklist 255
Reason picklist 255 =Case_Reason
Origin picklist 255 =Case_Origin
Subject string 255
Priority picklist 255
Description textarea 32000
IsClosed boolean 0 system =Closed
ClosedDate datetime 0 system
IsEscalated boolean 0 =Escalated
OwnerId reference 18 >User:Owner =Owner_ID
ContactPhone phone 40 system
ContactMobile phone 40 system
ContactEmail email 80 system
ContactFax phone 40 system
`
)

// standardObjects makes the objects that every org has.
func standardObjects() ([]*object, error) {
	var out []*object
	for _, def := range []struct{ name, plural, prefix, fields string }{
		{"Account", "Accounts", "001", systemFields + accountFields + systemTail + viewFields},
		{"Case", "Cases", "500", systemFields + caseFields + systemTail + viewFields},
		{"Contact", "Contacts", "003", systemFields + contactFields + systemTail + viewFields},
		{"Lead", "Leads", "00Q", systemFields + leadFields + systemTail + viewFields},
		{"Task", "Tasks", "00T", systemFields + taskFields + systemTail},
		{"User", "Users", "005", "Id id 18 system =User_ID\n" + userFields + systemTail},
	} {
		o := newObject(def.name, def.name, def.plural, def.prefix)
		if err := addFields(o, def.fields); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// addFields reads the table form above.
func addFields(o *object, table string) error {
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if prefix, ok := strings.CutPrefix(words[0], "@"); ok {
			if err := addFields(o, addressFields(prefix)); err != nil {
				return err
			}
			continue
		}
		if len(words) < 3 {
			return fmt.Errorf("emulator: object %s: field line %q", o.name, line)
		}
		f := &field{name: words[0], label: spaced(words[0]), kind: words[1], custom: strings.HasSuffix(words[0], "__c")}
		size, scale, _ := strings.Cut(words[2], ",")
		n, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("emulator: object %s: field line %q", o.name, line)
		}
		if f.numeric() && f.kind != "int" {
			f.precision = n
			if f.scale, err = strconv.Atoi(scale); err != nil {
				return fmt.Errorf("emulator: object %s: field line %q", o.name, line)
			}
		} else {
			f.length = n
		}
		for _, mark := range words[3:] {
			switch {
			case mark == "required":
				f.required = true
			case mark == "system":
				f.readOnly = true
			case mark[0] == '>':
				parts := strings.Split(mark[1:], ":")
				f.referenceTo = strings.Split(parts[0], ",")
				f.relationship = parts[1]
				if len(parts) > 2 {
					f.childRelationship = parts[2]
				}
			case mark[0] == '(':
				f.compound = strings.Trim(mark, "()")
			case mark[0] == '=':
				f.label = strings.ReplaceAll(mark[1:], "_", " ")
			}
		}
		f.nameField = f.name == "Name" || o.name == "Case" && f.name == "CaseNumber" || o.name == "Task" && f.name == "Subject"
		f.picklist = picklist(o.name, f.name)
		o.add(f)
	}
	return nil
}

func addressFields(prefix string) string {
	var b strings.Builder
	for _, part := range []string{
		"Street textarea 255", "City string 40", "State string 80", "PostalCode string 20", "Country string 80",
		"Latitude double 18,15", "Longitude double 18,15", "GeocodeAccuracy picklist 40",
	} {
		fmt.Fprintf(&b, "%s%s (%sAddress)\n", prefix, part, prefix)
	}
	fmt.Fprintf(&b, "%sAddress address 0 system\n", prefix)
	return b.String()
}

// spaced makes a label from a name: MobilePhone becomes Mobile Phone.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(name[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func picklist(object, field string) []string {
	switch field {
	case "Salutation":
		return []string{"Mr.", "Ms.", "Mrs.", "Dr.", "Prof."}
	case "LeadSource", "AccountSource":
		return []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}
	case "Industry":
		return []string{"Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting", "Education", "Electronics", "Energy", "Engineering", "Finance", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Retail", "Shipping", "Technology", "Transportation", "Utilities", "Other"}
	case "Rating":
		return []string{"Hot", "Warm", "Cold"}
	case "CallType":
		return []string{"Internal", "Inbound", "Outbound"}
	case "TaskSubtype":
		return []string{"Task", "Email", "ListEmail", "Call"}
	case "Priority":
		if object == "Task" {
			return []string{"High", "Normal", "Low"}
		}
		return []string{"High", "Medium", "Low"}
	case "Origin":
		return []string{"Phone", "Email", "Web"}
	case "Ownership":
		return []string{"Public", "Private", "Subsidiary", "Other"}
	case "Type":
		if object == "Account" {
			return []string{"Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Installation Partner", "Technology Partner", "Other"}
		}
		return []string{"Mechanical", "Electrical", "Electronic", "Structural", "Other"}
	case "Status":
		switch object {
		case "Lead":
			return []string{"Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"}
		case "Task":
			return []string{"Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"}
		}
		return []string{"New", "Working", "Escalated", "Closed"}
	}
	return nil
}
