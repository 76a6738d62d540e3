package emulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// bigOrg has a million contacts.
func bigOrg(b *testing.B) *Server {
	b.Helper()
	s, err := Start(Options{Generate: &Generate{Accounts: 100_000, Contacts: 1_000_000, Seed: 7}, DailyLimit: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() }) // the benchmark is over
	return s
}

const twentyFields = "Id, SystemModstamp, IsDeleted, Salutation, FirstName, LastName, Name, Title, Department, Phone, Fax, MobilePhone, HomePhone, OtherPhone, AssistantPhone, Email, MailingStreet, MailingCity, MailingPostalCode, MailingCountry, AccountId, Account.Name"

// A sink is a ResponseWriter that counts.
type sink struct {
	header http.Header
	n      int64
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(b []byte) (int, error) {
	s.n += int64(len(b))
	return len(b), nil
}

// BenchmarkPage measures one page of 2,000 records: the figure is records a second.
func BenchmarkPage(b *testing.B) {
	s := bigOrg(b)
	c := &client{t: b, s: s, version: "58.0"}
	c.session = login(b, s).session
	for _, encoding := range []string{"", "gzip"} {
		for name, soql := range map[string]string{
			"keyset": "SELECT " + twentyFields + " FROM Contact WHERE (SystemModstamp = 2019-05-05T00:00:00Z AND Id > '003000000000000AAA') OR SystemModstamp > 2019-05-05T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000",
			"id":     "SELECT " + twentyFields + " FROM Contact WHERE Id > '003G00000001000' ORDER BY Id LIMIT 2000",
			"scan":   "SELECT " + twentyFields + " FROM Contact",
		} {
			b.Run(fmt.Sprintf("query=%s/encoding=%s", name, encoding), func(b *testing.B) {
				body := envelopeOf(c.session, "", "<urn:query><urn:queryString>"+escape(soql)+"</urn:queryString></urn:query>")
				out := &sink{header: http.Header{}}
				for b.Loop() {
					req := httptest.NewRequest(http.MethodPost, "/services/Soap/u/58.0", strings.NewReader(body))
					req.Header.Set("SOAPAction", `""`)
					req.Header.Set("Accept-Encoding", encoding)
					s.serveSOAP(out, req)
				}
				b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
				b.SetBytes(out.n / int64(b.N))
			})
		}
	}
}
