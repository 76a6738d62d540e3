package ldapserver

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/protocol"
)

func TestAppendShape(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]string{
		"(telephoneNumber=+49 (30) 23125-117)":    "", // parsed below: brackets need escapes
		"(telephoneNumber=+493023125117)":         "(telephoneNumber=#)",
		"(|(telephoneNumber=*117)(mobile=0171*))": "(|(telephoneNumber=*#)(mobile=#*))",
		"(&(objectClass=person)(!(sn=M*ll*r)))":   "(&(objectClass=?)(!(sn=?*?*?)))",
		"(cn=*)":                                  "(cn=*)",
		"(sn>=Ryan)":                              "(sn>=?)",
		"(sn<=zz)":                                "(sn<=?)",
		"(sn~=Meier)":                             "(sn~=?)",
		"(cn:dn:2.5.13.2:=Anna)":                  "(cn:dn:2.5.13.2:=?)",
		"(:caseExactMatch:=Anna)":                 "(:caseExactMatch:=?)",
		"(cn;lang-de=*Anna*)":                     "(cn;lang-de=*?*)",
		"(0301234=*)":                             "(?=*)", // a value in the place of a name
	} {
		if want == "" {
			continue
		}
		if got := string(AppendShape(nil, compiled(t, filter))); got != want {
			t.Errorf("%s: got %s, want %s", filter, got, want)
		}
	}
	long := &protocol.Filter{Kind: protocol.Or}
	for range 1000 {
		long.Children = append(long.Children, *compiled(t, "(cn=secret*)"))
	}
	if got := AppendShape(nil, long); len(got) > 2*shapeMax || bytes.Contains(got, []byte("secret")) {
		t.Errorf("a long filter has a shape of %d octets", len(got))
	}
	for dn, want := range map[string]string{
		"": "", "dc=ringdex": "dc", "uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex": "uid,ou,dc", "cn=Anna Müller+uid=x,dc=ringdex": "cn+uid,dc", "Anna": "?",
	} {
		if got := baseShape([]byte(dn)); got != want {
			t.Errorf("%s: got %s, want %s", dn, got, want)
		}
	}
}

func compiled(t testing.TB, filter string) *protocol.Filter {
	t.Helper()
	p, err := goldap.CompileFilter(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	f, err := protocol.DecodeFilter(p.Bytes(), protocol.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return f
}

// FuzzShape: nothing of a value gets into a shape.
func FuzzShape(f *testing.F) {
	f.Add("cn", []byte("anna"), byte(0))
	f.Add("telephoneNumber", []byte("+493023125117"), byte(1))
	f.Fuzz(func(t *testing.T, name string, value []byte, kind byte) {
		term := &protocol.Filter{Kind: protocol.FilterKind(kind % 10), Attribute: []byte("cn"), Value: value, Initial: value, Any: [][]byte{value}, Final: value}
		shape := string(AppendShape(nil, term))
		for _, c := range shape {
			if !strings.ContainsRune("(&|!cn=:~<>*?#)", c) {
				t.Fatalf("%q has the shape %q", value, shape)
			}
		}
		if got := string(AppendShape(nil, &protocol.Filter{Kind: protocol.Present, Attribute: []byte(name)})); strings.ContainsAny(got, "\n\"\x00 ") {
			t.Fatalf("%q has the shape %q", name, got)
		}
	})
}

// TestQueries: every search is told with its shape, also one that is refused.
func TestQueries(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []QueryRecord
	h := serve(t, Options{Queries: func(r QueryRecord) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r)
	}}, ListenerOptions{Name: "door"})
	c := h.raw(t)
	c.wantService()
	c.send(searchWith(2, searchFields{base: "o=absent", sizeLimit: 7, value: "anna"}))
	c.want(2, protocol.OpSearchResultDone, protocol.NoSuchObject)
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	first, second := got[0], got[1]
	if first.Filter != "(telephoneNumber=#)" || first.Base != "o" || first.Entries != 1 || first.Code != protocol.Success || first.Conn.Listener != "door" {
		t.Errorf("got %+v", first)
	}
	if second.Filter != "(telephoneNumber=?)" || second.SizeLimit != 7 || second.Code != protocol.NoSuchObject || second.Took <= 0 || second.Took > time.Minute {
		t.Errorf("got %+v", second)
	}
}

// TestObservePerConnection gives each connection an observer of its own.
func TestObservePerConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var made []*countingObserver
	h := serve(t, Options{Observe: func(ConnInfo) Observer {
		mu.Lock()
		defer mu.Unlock()
		o := &countingObserver{}
		made = append(made, o)
		return o
	}}, ListenerOptions{})
	a, b := h.raw(t), h.raw(t)
	a.wantService()
	a.wantService()
	b.wantService()
	mu.Lock()
	defer mu.Unlock()
	if len(made) != 2 || made[0].requests.Load()+made[1].requests.Load() != 3 || made[0].requests.Load() == 0 || made[1].requests.Load() == 0 {
		t.Errorf("%d observers", len(made))
	}
}
