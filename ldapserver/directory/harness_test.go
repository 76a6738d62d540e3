package directory

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// stamp is when the fixtures were changed last.
var stamp = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// here is where the telephones of the tests stand.
var here = phone.Location{Country: "DE", Area: "7031", OutsideLine: "0", HeadNumber: "9876", InternalDigits: 3}

// record is an entry in the making.
type record struct {
	schema *schema.Schema
	parser *phone.Parser
	region string
	entry  schema.Entry
}

func newRecord(t testing.TB, s *schema.Schema, p *phone.Parser, object string, n int) *record {
	prefix := map[string]string{"Contact": "003", "Account": "001", "Lead": "00Q"}[object]
	id, ok := appendID(nil, fmt.Appendf(nil, "%s55%010d", prefix, n))
	if !ok {
		t.Fatalf("no id for %s %d", object, n)
	}
	return &record{schema: s, parser: p, entry: schema.Entry{Object: object, ID: string(id), Stamp: stamp.Add(time.Duration(n) * time.Second)}}
}

// maker makes records as replication does, for telephones at one place.
type maker struct {
	t      testing.TB
	schema *schema.Schema
	parser *phone.Parser
}

func makerAt(t testing.TB, place phone.Location) maker {
	t.Helper()
	m := maker{t: t}
	var err error
	if m.schema, err = schema.New(); err != nil {
		t.Fatal(err)
	}
	if m.parser, err = phone.NewParser(place); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m maker) record(object string, n int) *record {
	return newRecord(m.t, m.schema, m.parser, object, n)
}

// entriesOf are the entries of records.
func entriesOf(records []*record) []schema.Entry {
	var out []schema.Entry
	for _, r := range records {
		out = append(out, r.entry)
	}
	return out
}

// add adds an attribute; numbers are normalised as replication does it.
func (r *record) add(name string, values ...string) *record {
	a := schema.Attribute{Name: name}
	t, _ := r.schema.Attribute(name)
	for _, v := range values {
		if v == "" {
			continue
		}
		if t == nil || !t.Syntax.IsNumber() {
			a.Values = append(a.Values, schema.Value{Text: v})
			continue
		}
		for _, n := range r.parser.Parse(v, r.region) {
			value := schema.Value{Text: n.Text(), Original: n.Original, Keys: n.Keys()}
			if value.Original == value.Text {
				value.Original = ""
			}
			a.Values = append(a.Values, value)
		}
	}
	if len(a.Values) > 0 {
		r.entry.Attributes = append(r.entry.Attributes, a)
	}
	return r
}

// directoryOf builds a directory of the entries. fix changes the options before.
func directoryOf(t testing.TB, entries []schema.Entry, fix func(*Options)) *Directory {
	t.Helper()
	return directoryIn(t, entries, name.Dictionary, fix)
}

// directoryIn is directoryOf with lists in a collation.
func directoryIn(t testing.TB, entries []schema.Entry, by name.Collation, fix func(*Options)) *Directory {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{Collation: by})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.BindOrg(store.Org{ID: "00D55000000AbCdEAK", URL: "https://example.org", Name: "Example"}); err != nil {
		t.Fatal(err)
	}
	load(t, st, entries)
	o := Options{Store: st, Base: "dc=ringdex", Location: here, Anonymous: Access{Always: true}, StartTLS: true}
	if fix != nil {
		fix(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// load replaces what the store holds.
func load(t testing.TB, st *store.Store, entries []schema.Entry) {
	t.Helper()
	byObject := map[string][]schema.Entry{"Contact": nil, "Account": nil}
	for _, e := range entries {
		byObject[e.Object] = append(byObject[e.Object], e)
	}
	var objects []string
	for o := range byObject {
		objects = append(objects, o)
	}
	l, err := st.BeginLoad(store.LoadPlan{Objects: objects, Fingerprint: fmt.Sprint(len(entries))})
	if err != nil {
		t.Fatal(err)
	}
	for o, list := range byObject {
		if err := l.Put(o, list, store.Checkpoint{Done: true, Rows: len(list)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Commit(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// serve serves a directory on loopback until the test ends, and returns the address.
func serve(t testing.TB, d *Directory, o ldapserver.Options, listener ldapserver.ListenerOptions) string {
	t.Helper()
	o.Backend, o.SupportedControls = d, d.Controls()
	server, err := ldapserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(context.Background(), l, listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// dial is a client of another make; its connection ends with the test.
func dial(t testing.TB, address string) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL("ldap://" + address)
	if err != nil {
		t.Fatal(err)
	}
	c.SetTimeout(20 * time.Second)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// sessionOf is a session of a client on this machine.
func sessionOf(d *Directory) *Session {
	return d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort("127.0.0.1:50000")}).(*Session)
}

// filterOf compiles a filter with go-ldap and decodes it with our codec.
func filterOf(t testing.TB, s string) *protocol.Filter {
	t.Helper()
	switch s {
	case "(&)":
		return &protocol.Filter{Kind: protocol.And}
	case "(|)":
		return &protocol.Filter{Kind: protocol.Or}
	}
	f, err := protocol.DecodeFilter(filterBytes(t, s), protocol.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return f
}

// filterBytes is a filter as go-ldap encodes it.
func filterBytes(t testing.TB, s string) []byte {
	t.Helper()
	p, err := ldap.CompileFilter(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return p.Bytes()
}

func requestOf(t testing.TB, base string, scope protocol.Scope, filter string, attributes ...string) *protocol.SearchRequest {
	r := &protocol.SearchRequest{Base: []byte(base), Scope: scope, Filter: filterOf(t, filter)}
	for _, a := range attributes {
		r.Attributes = append(r.Attributes, []byte(a))
	}
	return r
}

// answered is an entry of an answer.
type answered struct {
	dn         string
	attributes []answeredAttribute
}

type answeredAttribute struct {
	name   string
	values []string
}

func (e *answered) values(name string) []string {
	for _, a := range e.attributes {
		if a.name == name {
			return a.values
		}
	}
	return nil
}

func (e *answered) first(name string) string {
	if v := e.values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// ask runs a search and decodes the answer with go-ldap's codec. The code is that of the result.
func ask(t testing.TB, s *Session, r *protocol.SearchRequest) ([]answered, protocol.ResultCode) {
	t.Helper()
	list, err := tryAsk(t, s, r)
	if err == nil {
		return list, protocol.Success
	}
	var pe *protocol.Error
	if !errors.As(err, &pe) {
		t.Fatalf("search: %v", err)
	}
	return list, pe.Code
}

func tryAsk(t testing.TB, s *Session, r *protocol.SearchRequest) ([]answered, error) {
	t.Helper()
	var out bytes.Buffer
	w := ldapserver.NewResultWriter(&out, 7)
	err := s.Search(context.Background(), r, nil, w)
	if flushed := w.Flush(); flushed != nil {
		t.Fatal(flushed)
	}
	return decodeEntries(t, &out), err
}

// decodeEntries reads an answer's entries with go-ldap's codec.
func decodeEntries(t testing.TB, out *bytes.Buffer) (list []answered) {
	t.Helper()
	for out.Len() > 0 {
		p, err := ber.ReadPacket(out)
		if err != nil {
			t.Fatal(err)
		}
		op := p.Children[1]
		e := answered{dn: op.Children[0].Data.String()}
		for _, a := range op.Children[1].Children {
			one := answeredAttribute{name: a.Children[0].Data.String()}
			for _, v := range a.Children[1].Children {
				one.values = append(one.values, v.Data.String())
			}
			e.attributes = append(e.attributes, one)
		}
		list = append(list, e)
	}
	return list
}

// ldif writes an answer as LDIF (RFC 2849).
func ldif(list []answered) string {
	var b strings.Builder
	line := func(name, value string) {
		plain := value == "" || value[0] != ' ' && value[0] != ':' && value[0] != '<'
		for i := 0; i < len(value); i++ {
			plain = plain && value[i] >= ' ' && value[i] < 0x7f
		}
		if plain {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		} else {
			fmt.Fprintf(&b, "%s:: %s # %s\n", name, base64.StdEncoding.EncodeToString([]byte(value)), value)
		}
	}
	for i, e := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		line("dn", e.dn)
		for _, a := range e.attributes {
			if len(a.values) == 0 {
				fmt.Fprintf(&b, "%s:\n", a.name)
			}
			for _, v := range a.values {
				line(a.name, v)
			}
		}
	}
	return b.String()
}

// invented is the small directory of the text tests and of the number matrix.
func invented(t testing.TB) []schema.Entry {
	m := makerAt(t, here)
	contact := func(n int, given, sn, o string) *record {
		r := m.record("Contact", n).add("cn", strings.TrimSpace(given+" "+sn)).add("sn", sn).add("givenName", given).
			add("displayName", strings.TrimSpace(given+" "+sn)).add("o", o)
		return r
	}
	account := func(n int, name string) *record {
		return m.record("Account", n).add("cn", name).add("sn", name).add("displayName", name).add("o", name)
	}
	in := func(r *record, region string) *record { r.region = region; return r }
	records := []*record{
		account(1, "Müller & Söhne GmbH").add("telephoneNumber", "+49 7031 123-0"),
		account(2, "Example Works").add("telephoneNumber", "+49 30 23125 100"),
		contact(1, "Anna", "Müller", "Müller & Söhne GmbH").add("telephoneNumber", "+49 7031 123-456").add("mobile", "0171/1234567").
			add("homePhone", "(07031) 99 88 77").add("mail", "anna.mueller@example.org").add("l", "Böblingen").
			add("labeledURI", "https://example.org/003/view Contact"),
		in(contact(2, "Jörg", "Groß", "Weinhaus Groß"), "AT").add("telephoneNumber", "+43 1 51234-56"),
		in(contact(3, "Zoë", "Çelik", ""), "CH").add("telephoneNumber", "044 668 18 00"),
		contact(4, "Peter", "Intern", "").add("telephoneNumber", "567"),
		contact(5, "Ryan", "O'Neill", "Example Works").add("telephoneNumber", "+49 30 23125 117").add("facsimileTelephoneNumber", "+49 30 23125 118").
			add("mail", "ryan@example.org"),
		contact(6, "Łukasz", "Zürn", "Example Works").add("telephoneNumber", "+49 30 23125 100").add("mobile", "+49 30 23125 131"),
		contact(7, "Ana", "Müllner", "Example Works").add("telephoneNumber", "+49 30 23125 100"),
		contact(8, "Beatrice", "Baur", "").add("title", "Ärztin"),
	}
	return entriesOf(records)
}
