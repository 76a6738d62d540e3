package soap

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const (
	replyHead = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.partner.soap.sforce.com">`
	limitHead = `<soapenv:Header><LimitInfoHeader><limitInfo><current>17</current><limit>15000</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>`
)

// queryReply is a reply of query with these records.
func queryReply(operation, locator string, size int, records string) string {
	done := "true"
	locatorXML := `<queryLocator xsi:nil="true"/>`
	if locator != "" {
		done, locatorXML = "false", "<queryLocator>"+locator+"</queryLocator>"
	}
	return replyHead + limitHead + "<soapenv:Body><" + operation + `Response><result xsi:type="QueryResult"><done>` + done + "</done>" +
		locatorXML + records + fmt.Sprintf("<size>%d</size></result></%sResponse></soapenv:Body></soapenv:Envelope>", size, operation)
}

func scanRecords(data string) (records []Record, rest string, err error) {
	r := newRecordReader(newLayoutTree(), 0, 0, 0)
	scan := replyScan{take: "records", taker: r}
	b, err := scan.run([]byte(data))
	if err != nil {
		return nil, "", err
	}
	return r.done(), string(b), nil
}

// describe writes a record as text: type, id, fields.
func describeRecord(r *Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Type, r.ID)
	for _, f := range r.Fields() {
		value := fmt.Sprintf("%q", f.Value)
		if f.Nil {
			value = "nil"
		}
		if f.Quarantined {
			value += "!"
		}
		fmt.Fprintf(&b, " %s=%s", f.Path, value)
	}
	return b.String()
}

func TestRecordLayouts(t *testing.T) {
	t.Parallel()
	const id = "003000000000001AAA"
	open := `<records xsi:type="sf:sObject"><sf:type>Contact</sf:type>`
	cases := []struct{ name, record, want string }{
		{"Id first and last", open + `<sf:Id>` + id + `</sf:Id><sf:Name>Ada</sf:Name><sf:Id>` + id + `</sf:Id></records>`, `Contact ` + id + ` Name="Ada"`},
		{"Id repeated at once", open + `<sf:Id>` + id + `</sf:Id><sf:Id>` + id + `</sf:Id><sf:Name>Ada</sf:Name></records>`, `Contact ` + id + ` Name="Ada"`},
		{"Id not selected", open + `<sf:Id xsi:nil="true"/><sf:Name>Ada</sf:Name></records>`, `Contact  Name="Ada"`},
		{"Id of 15 characters", open + `<sf:Id>003i000000UPVtq</sf:Id></records>`, `Contact 003i000000UPVtqAAH`},
		{"nil field", open + `<sf:Id>` + id + `</sf:Id><sf:Phone xsi:nil="true"/></records>`, `Contact ` + id + ` Phone=nil`},
		{"nil field in long form", open + `<sf:Id>` + id + `</sf:Id><sf:Phone xsi:nil = '1' ></sf:Phone></records>`, `Contact ` + id + ` Phone=nil`},
		{"empty field is not nil", open + `<sf:Id>` + id + `</sf:Id><sf:A/><sf:B></sf:B><sf:C xsi:nil="false"/></records>`, `Contact ` + id + ` A="" B="" C=""`},
		{
			"parent without selected Id", open + `<sf:Id>` + id + `</sf:Id><sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Name>Acme</sf:Name></sf:Account><sf:Phone>1</sf:Phone></records>`,
			`Contact ` + id + ` Account.Id=nil Account.Name="Acme" Phone="1"`,
		},
		{
			"parent with Id twice", open + `<sf:Id>` + id + `</sf:Id><sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id>001</sf:Id><sf:Name>Acme</sf:Name><sf:Id>001</sf:Id></sf:Account></records>`,
			`Contact ` + id + ` Account.Id="001" Account.Name="Acme"`,
		},
		{
			"parent of a parent", open + `<sf:Id>` + id + `</sf:Id><sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Owner xsi:type="sf:sObject"><sf:type>User</sf:type><sf:Id xsi:nil="true"/><sf:Name>Bo</sf:Name></sf:Owner><sf:Type>Customer</sf:Type></sf:Account></records>`,
			`Contact ` + id + ` Account.Id=nil Account.Owner.Id=nil Account.Owner.Name="Bo" Account.Type="Customer"`,
		},
		{"nil parent", open + `<sf:Id>` + id + `</sf:Id><sf:Account xsi:nil="true"/><sf:Phone>1</sf:Phone></records>`, `Contact ` + id + ` Account=nil Phone="1"`},
		{
			"compound address", open + `<sf:Id>` + id + `</sf:Id><sf:MailingAddress xsi:type="address"><latitude>1.5</latitude><longitude xsi:nil="true"/><city>York</city></sf:MailingAddress></records>`,
			`Contact ` + id + ` MailingAddress.latitude="1.5" MailingAddress.longitude=nil MailingAddress.city="York"`,
		},
		{
			"sub-query is skipped", open + `<sf:Id>` + id + `</sf:Id><sf:Contacts xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>x</sf:Id><sf:Name>a &amp; b</sf:Name></records><size>1</size></sf:Contacts><sf:Name>Acme</sf:Name></records>`,
			`Contact ` + id + ` Name="Acme"`,
		},
		{"aggregate", `<records xsi:type="sf:sObject"><sf:type>AggregateResult</sf:type><sf:Id xsi:nil="true"/><sf:expr0 xsi:type="xsd:int">7</sf:expr0></records>`, `AggregateResult  expr0="7"`},
		{"entities and references", open + `<sf:Id>` + id + `</sf:Id><sf:A>b.levy@expressl&amp;t.example &lt;&gt;&quot;&apos; &#228;&#xE4;&#x1F600;</sf:A></records>`, `Contact ` + id + ` A="b.levy@expressl&t.example <>\"' ää😀"`},
		{"CDATA in pieces", open + `<sf:Id>` + id + `</sf:Id><sf:A>x<![CDATA[<&]]>y<!-- no -->z</sf:A></records>`, `Contact ` + id + ` A="x<&yz"`},
		{"line ends", open + `<sf:Id>` + id + "</sf:Id><sf:A>a\r\nb\rc&#13;d</sf:A></records>", `Contact ` + id + ` A="a\nb\nc\rd"`},
		{"control characters", open + `<sf:Id>` + id + "</sf:Id><sf:A>a\x1fb&#x1F;c&#0;&#xD800;&#x110000;d</sf:A><sf:B>ok</sf:B></records>", `Contact ` + id + ` A="abcd"! B="ok"`},
		{"not UTF-8", open + `<sf:Id>` + id + "</sf:Id><sf:A>M\xfcller</sf:A></records>", `Contact ` + id + ` A="M` + "\ufffd" + `ller"!`},
		{"umlauts", open + `<sf:Id>` + id + "</sf:Id><sf:A>Müller-Łukasz</sf:A></records>", `Contact ` + id + ` A="Müller-Łukasz"`},
		{"pretty printed", "<records xsi:type=\"sf:sObject\">\n\t<sf:type>Contact</sf:type>\n <!-- c --><sf:Id>" + id + "</sf:Id>\r\n<sf:A>1</sf:A>\n</records>", `Contact ` + id + ` A="1"`},
		{"other prefix", `<p:records x:type="q:sObject" xmlns:p="urn:partner.soap.sforce.com"><q:type>Contact</q:type><q:Id>` + id + `</q:Id><q:A y:nil="true"/></p:records>`, `Contact ` + id + ` A=nil`},
	}
	all, wants := "", []string{}
	for _, c := range cases {
		all += c.record
		wants = append(wants, c.want)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// Thrice, since the second one takes the path of what is expected.
			records, rest, err := scanRecords(queryReply("query", "", 3, c.record+c.record+c.record))
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != 3 {
				t.Fatalf("got %d records, want 3", len(records))
			}
			for i := range records {
				if got := describeRecord(&records[i]); got != c.want {
					t.Errorf("record %d\n got %s\nwant %s", i, got, c.want)
				}
			}
			if strings.Contains(rest, "records") || !strings.Contains(rest, "<size>3</size>") {
				t.Errorf("rest is %s", rest)
			}
		})
	}
	t.Run("all kinds mixed", func(t *testing.T) {
		t.Parallel()
		records, _, err := scanRecords(queryReply("query", "", 2*len(cases), all+all))
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if got, want := describeRecord(&records[i]), wants[i%len(wants)]; got != want {
				t.Errorf("record %d\n got %s\nwant %s", i, got, want)
			}
		}
	})
}

func TestLookup(t *testing.T) {
	t.Parallel()
	records, _, err := scanRecords(queryReply("query", "", 2,
		`<records><sf:type>Contact</sf:type><sf:Id>003000000000001AAA</sf:Id><sf:Account><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Name>Acme</sf:Name></sf:Account><sf:Phone/></records>`+
			`<records><sf:type>Contact</sf:type><sf:Id>003000000000002AAA</sf:Id><sf:Account xsi:nil="true"/><sf:Phone xsi:nil="true"/></records>`))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		record        int
		path, value   string
		null, present bool
	}{
		{0, "account.NAME", "Acme", false, true},
		{0, "id", "003000000000001AAA", false, true},
		{0, "Phone", "", false, true},
		{0, "Fax", "", false, false},
		{0, "Phone.x", "", false, false},
		{1, "Phone", "", true, true},
		{1, "Account.Name", "", true, true},
		{1, "Account.Owner.Name", "", true, true},
		{1, "Owner.Name", "", false, false},
	}
	for _, c := range cases {
		value, null, present := records[c.record].Lookup(c.path)
		if value != c.value || null != c.null || present != c.present {
			t.Errorf("record %d, %s: got %q, %v, %v; want %q, %v, %v", c.record, c.path, value, null, present, c.value, c.null, c.present)
		}
	}
	var none Record
	if _, _, present := none.Lookup("Name"); present || none.Fields() != nil {
		t.Error("the zero record has fields")
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	records, _, err := scanRecords(contactPage(1))
	if err != nil {
		t.Fatal(err)
	}
	r := &records[0]
	if n := testing.AllocsPerRun(100, func() { _ = r.Field("Account.Name"); _ = r.Field("phone") }); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	good := queryReply("query", "", 1, `<records><sf:type>A</sf:type><sf:Id>1</sf:Id><sf:B>c</sf:B></records>`)
	if _, _, err := scanRecords(good); err != nil {
		t.Fatal(err)
	}
	for i := range len(good) - 1 {
		if _, _, err := scanRecords(good[:i]); err == nil {
			t.Fatalf("a reply cut after %d bytes is accepted: %s", i, good[max(0, i-20):i])
		}
	}
	inside := func(record string) string { return queryReply("query", "", 1, "<records>"+record+"</records>") }
	cases := map[string]string{
		"document type":           `<!DOCTYPE x [<!ENTITY a "b">]>` + good,
		"processing instruction":  strings.Replace(good, "<soapenv:Body>", "<?php x?><soapenv:Body>", 1),
		"other encoding":          strings.Replace(good, "UTF-8", "ISO-8859-1", 1),
		"unknown entity":          inside("<a>&nbsp;</a>"),
		"bare ampersand":          inside("<a>a & b</a>"),
		"unknown entity, skipped": inside(`<a xsi:type="QueryResult"><b>&nbsp;</b></a>`),
		"unknown entity, outside": strings.Replace(good, "<done>", "<x>&x;</x><done>", 1),
		"crossed tags":            inside("<a><b>1</a></b>"),
		"crossed leaf":            inside("<a>1</b>"),
		"text between fields":     inside("<a>1</a>x<b>2</b>"),
		"text beside elements":    inside("<a>1<b>2</b></a>"),
		"unquoted attribute":      inside("<a b=c>1</a>"),
		"attribute without space": inside(`<a b="c"d="e">1</a>`),
		"bad name":                inside("<1a>1</1a>"),
		"too deep":                inside(strings.Repeat("<a>", 40) + "1" + strings.Repeat("</a>", 40)),
		"too deep, skipped":       inside(`<a xsi:type="QueryResult">` + strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40) + `</a>`),
		"too many fields":         inside(strings.Repeat("<a>1</a>", maxRecordSlots+1)),
		"long tag":                inside(`<a b="` + strings.Repeat("x", maxTagBytes) + `">1</a>`),
		"trailing data":           good + "<x/>",
		"two bodies":              strings.Replace(good, "<soapenv:Body>", "<soapenv:Body><x/></soapenv:Body><soapenv:Body>", 1),
		"no envelope":             "<queryResponse/>",
		"no body":                 replyHead + "</soapenv:Envelope>",
	}
	for name, data := range cases {
		if _, _, err := scanRecords(data); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: error is not one line: %v", name, err)
		}
	}
	var layouts strings.Builder
	for i := range 400 {
		layouts.WriteString("<records>")
		for j := range 100 {
			fmt.Fprintf(&layouts, "<f%d_%d>1</f%d_%d>", i, j, i, j)
		}
		layouts.WriteString("</records>")
	}
	if _, _, err := scanRecords(queryReply("query", "", 400, layouts.String())); !errors.Is(err, errLayouts) {
		t.Errorf("endless new layouts: got %v", err)
	}
}

func FuzzScanRecords(f *testing.F) {
	f.Add(queryReply("query", "", 1, `<records><sf:type>A</sf:type><sf:Id>1</sf:Id><sf:B xsi:nil="true"/><sf:C><sf:D>&amp;</sf:D></sf:C></records>`))
	f.Add(queryReply("query", "x-2000", 2, randomRecord(rand.New(rand.NewPCG(1, 2)))+randomRecord(rand.New(rand.NewPCG(3, 4)))))
	f.Add("<Envelope><Body><queryResponse><result><records><a>\xff&#1;</a></records></result></queryResponse></Body></Envelope>")
	f.Add("<Envelope><Header><![CDATA[&]]></Header><Body><Fault/></Body></Envelope>")
	f.Fuzz(func(t *testing.T, data string) {
		records, rest, err := scanRecords(data)
		if err != nil {
			return
		}
		for i := range records {
			for _, f := range records[i].Fields() {
				for _, r := range f.Value {
					if !allowed(r) {
						t.Fatalf("field %s holds %q", f.Path, r)
					}
				}
				if value, _, present := records[i].Lookup(f.Path); !present && f.Path != "" {
					t.Fatalf("field %q = %q is not found", f.Path, value)
				}
			}
		}
		// What is left must be readable for gosoap, however odd the reply.
		if _, _, err := scanRecords(rest); err != nil {
			t.Fatalf("the rest is not readable: %v", err)
		}
	})
}
