package soap

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const describedContact = `<result><actionOverrides><name>View</name></actionOverrides><childRelationships><cascadeDelete>true</cascadeDelete><childSObject>Task</childSObject></childRelationships><custom>false</custom>` +
	`<fields><calculated>false</calculated><custom>false</custom><filterable>true</filterable><label>Account ID</label><length>18</length><name>AccountId</name><nillable>true</nillable><referenceTo>Account</referenceTo><relationshipName>Account</relationshipName><sortable>true</sortable><type>reference</type></fields>` +
	`<fields><compoundFieldName>MailingAddress</compoundFieldName><custom>false</custom><label>Mailing &amp; City` + "\x01" + `</label><length>40</length><name>MailingCity</name><picklistValues><active>true</active><value>x</value></picklistValues><type>string</type></fields>` +
	`<fields><custom>true</custom><externalId>true</externalId><label>PBX</label><name>PBX__c</name><relationshipName xsi:nil="true"/><type>phone</type></fields>` +
	`<keyPrefix>003</keyPrefix><label>Contact</label><labelPlural>Contacts</labelPlural><name>Contact</name><queryable>true</queryable><replicateable>true</replicateable><retrieveable>true</retrieveable><searchable>true</searchable></result>`

func TestDescribe(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["describeGlobal"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, answer("describeGlobal", `<result><encoding>UTF-8</encoding><maxBatchSize>200</maxBatchSize>`+
			`<sobjects><custom>false</custom><keyPrefix xsi:nil="true"/><label>Event Relation</label><name>EventRelation</name><queryable>true</queryable></sobjects>`+
			`<sobjects><custom>true</custom><keyPrefix>a0B</keyPrefix><name>Site__c</name><replicateable>true</replicateable></sobjects></result>`))
	}
	o.answers["describeSObjects"] = func(w http.ResponseWriter, q *orgRequest) {
		if !strings.Contains(q.body, "<sObjectType>Contact</sObjectType>") {
			t.Errorf("request %s", q.body)
		}
		reply(w, q, answer("describeSObjects", describedContact))
	}
	c := o.client(nil)
	objects, err := c.DescribeGlobal(t.Context())
	want := []ObjectInfo{
		{Name: "EventRelation", Label: "Event Relation", Queryable: true},
		{Name: "Site__c", KeyPrefix: "a0B", Custom: true, Replicateable: true},
	}
	if err != nil || !reflect.DeepEqual(objects, want) {
		t.Errorf("got %+v, %v", objects, err)
	}
	described, err := c.DescribeObjects(t.Context(), "Contact")
	wantContact := []ObjectDescription{{
		ObjectInfo: ObjectInfo{Name: "Contact", Label: "Contact", LabelPlural: "Contacts", KeyPrefix: "003", Queryable: true, Replicateable: true, Retrieveable: true, Searchable: true},
		Fields: []FieldDescription{
			{Name: "AccountId", Label: "Account ID", Type: "reference", Length: 18, Filterable: true, Nillable: true, Sortable: true, ReferenceTo: []string{"Account"}, RelationshipName: "Account"},
			{Name: "MailingCity", Label: "Mailing & City", Type: "string", Length: 40, CompoundFieldName: "MailingAddress"},
			{Name: "PBX__c", Label: "PBX", Type: "phone", Custom: true, ExternalID: true},
		},
	}}
	if err != nil || !reflect.DeepEqual(described, wantContact) {
		t.Errorf("got  %+v, %v\nwant %+v", described, err, wantContact)
	}
	if none, err := c.DescribeObjects(t.Context()); err != nil || len(none) != 0 || o.count("describeSObjects") != 1 {
		t.Errorf("no names: got %v, %v", none, err)
	}
}

func TestDescribeInBatches(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["describeSObjects"] = func(w http.ResponseWriter, q *orgRequest) {
		var b strings.Builder
		for part := range strings.SplitSeq(q.body, "<sObjectType>") {
			if name, _, ok := strings.Cut(part, "</sObjectType>"); ok {
				fmt.Fprintf(&b, "<result><name>%s</name></result>", name)
			}
		}
		reply(w, q, answer("describeSObjects", b.String()))
	}
	c := o.client(nil)
	var names []string
	for i := range 230 {
		names = append(names, fmt.Sprintf("O%d__c", i))
	}
	described, err := c.DescribeObjects(t.Context(), names...)
	if err != nil || len(described) != 230 || o.count("describeSObjects") != 3 {
		t.Fatalf("got %d, %v in %d calls", len(described), err, o.count("describeSObjects"))
	}
	for i, d := range described {
		if d.Name != names[i] {
			t.Fatalf("object %d is %s", i, d.Name)
		}
	}
	o.answers["describeSObjects"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, answer("describeSObjects", "<result/>")) }
	if _, err := c.DescribeObjects(t.Context(), "A", "B"); !errors.Is(err, ErrReply) {
		t.Errorf("one description for two: got %v", err)
	}
}
