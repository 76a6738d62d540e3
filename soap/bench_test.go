package soap

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// contactPage is a page of records with 20 fields, two parents among them.
func contactPage(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>0035500000%05dAAA</sf:Id><sf:Id>0035500000%05dAAA</sf:Id>`+
			`<sf:Name>Jo Example %d</sf:Name><sf:FirstName>Jo</sf:FirstName><sf:LastName>Example %d</sf:LastName><sf:Title>Head of Research</sf:Title><sf:Department xsi:nil="true"/>`+
			`<sf:Phone>+44 20 7946 0%03d</sf:Phone><sf:MobilePhone>+44 7700 900%03d</sf:MobilePhone><sf:HomePhone xsi:nil="true"/><sf:OtherPhone xsi:nil="true"/><sf:AssistantPhone xsi:nil="true"/><sf:Fax>+49 30 23125 %03d</sf:Fax>`+
			`<sf:Email>jo.%d@example.org</sf:Email><sf:MailingStreet>1 Example Street</sf:MailingStreet><sf:MailingCity>M&amp;nster</sf:MailingCity><sf:MailingPostalCode>48143</sf:MailingPostalCode><sf:MailingCountry>Germany</sf:MailingCountry>`+
			`<sf:AccountId>0015500000%05dAAA</sf:AccountId><sf:SystemModstamp>2026-06-18T04:10:20.000Z</sf:SystemModstamp>`+
			`<sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Name>Example Holding %d</sf:Name></sf:Account></records>`,
			i, i, i, i, i%1000, i%1000, i%1000, i, i%100, i%100)
	}
	return queryReply("query", "", n, b.String())
}

func BenchmarkScanPage(b *testing.B) {
	data := []byte(contactPage(2000))
	tree := newLayoutTree()
	records, values, text := 0, 0, 0
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := newRecordReader(tree, records, values, text)
		scan := replyScan{take: "records", taker: r}
		if _, err := scan.run(data); err != nil {
			b.Fatal(err)
		}
		records, values, text = len(r.done()), len(r.spans), r.text.Len()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/record")
}

func BenchmarkField(b *testing.B) {
	records, _, err := scanRecords(contactPage(1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = records[0].Field("Account.Name")
	}
}

// BenchmarkPage is a page from the socket to records, gosoap included.
func BenchmarkPage(b *testing.B) {
	body := gzipped(contactPage(2000))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	c, err := New(Options{URL: server.URL, AllowedHosts: []string{"127.0.0.1"}, Auth: tokenLogin{}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	c.session = &Session{ID: NewSecret("x"), ServerURL: server.URL + "/services/Soap/u/64.0"}
	b.ReportAllocs()
	for b.Loop() {
		page, err := c.Query(b.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(b.Context())
		if err != nil || len(page.Records) != 2000 {
			b.Fatal(len(page.Records), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/record")
}
