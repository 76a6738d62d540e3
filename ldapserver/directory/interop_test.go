package directory

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/schema"
)

// Other people's clients against our server. Each runs where it is installed: ldap-utils with every go test, the slow ones
// with make interop (Debian: apt-get install ldap-utils python3-ldap3 default-jdk-headless tshark).

// slowInterop skips a client that takes seconds to start.
func slowInterop(t *testing.T) {
	t.Helper()
	if os.Getenv("RINGDEX_INTEROP") == "" {
		t.Skip("make interop runs this test")
	}
}

// tool is a program's path; the test is skipped where it is missing.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s isn't installed; make interop says what is needed", name)
	}
	return path
}

// interopServer serves 300 contacts and 50 accounts with StartTLS. certificate is the file of its certificate.
func interopServer(t *testing.T) (address, certificate string) {
	t.Helper()
	m := makerAt(t, here)
	var entries []schema.Entry
	for i := range 350 {
		object := "Contact"
		if i%7 == 0 {
			object = "Account"
		}
		sn := []string{"meier", "adler", "zorn", "mueller"}[i%4] + fmt.Sprint(i)
		r := m.record(object, i).add("cn", "x "+sn).add("sn", sn).add("displayName", "x "+sn).add("telephoneNumber", fmt.Sprintf("+49 30 23125 %03d", i))
		entries = append(entries, r.entry)
	}
	d := directoryOf(t, entries, nil)
	config, certificate := selfSigned(t)
	return serve(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{Mode: ldapserver.StartTLSOptional, TLS: config}), certificate
}

func selfSigned(t testing.TB) (config *tls.Config, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

// TestInteropOpenLDAP runs the tools of ldap-utils.
func TestInteropOpenLDAP(t *testing.T) {
	t.Parallel()
	search := tool(t, "ldapsearch")
	address, certificate := interopServer(t)
	contact := "uid=" + string(must(appendID(nil, []byte("003550000000001")))) + ",ou=Contact,dc=ringdex"
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string // in the output, in this order
	}{
		{"a search", []string{"ldapsearch", "-b", "dc=ringdex", "(sn=meier4)", "cn"}, 0, []string{"cn: x meier4", "# numEntries: 1"}},
		{"pages", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "pr=100/noprompt", "(objectClass=person)", "1.1"}, 0, []string{"# numResponses: 354", "# numEntries: 350"}},
		{"sorted", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "!sss=-sn", "-z", "2", "(objectClass=person)", "sn"}, 4, []string{"sn: zorn98", "sn: zorn94", "sortResult: (0) Success"}},
		{"sorted by what is unknown", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "sss=nonsense", "(sn=meier4)", "1.1"}, 0, []string{"sortResult: (16) No such attribute"}},
		// ldapsearch goes on to the next window by itself, until there is none.
		{"a window", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "!sss=sn", "-E", "!vlv=1/2/100/0", "(objectClass=person)", "sn"}, 76, []string{"vlvResult: pos=100 count=350", "# numEntries: 4"}},
		{"a window by value", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "!sss=sn", "-E", "!vlv=0/0:zorn3", "(objectClass=person)", "sn"}, 76, []string{"sn: zorn30", "count=350"}},
		{"a window without an order", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "!vlv=0/2/1/0", "(objectClass=person)", "sn"}, 1, []string{"requires server side sort"}},
		{"an assertion", []string{"ldapsearch", "-b", "dc=ringdex", "-e", "!assert=(dc=elsewhere)", "(sn=*)"}, 122, []string{"result: 122"}},
		{"subentries", []string{"ldapsearch", "-b", "", "-E", "!subentries=true", "(objectClass=*)", "1.1"}, 0, []string{"dn: cn=Subschema", "# numEntries: 1"}},
		{"ManageDsaIT", []string{"ldapsearch", "-b", "dc=ringdex", "-M", "-M", "(sn=meier4)", "1.1"}, 0, []string{"# numEntries: 1"}},
		{"an unknown critical control", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "!1.2.3.4=::AAA=", "(sn=*)"}, 12, []string{"result: 12"}},
		{"an unknown control", []string{"ldapsearch", "-b", "dc=ringdex", "-E", "1.2.3.4=::AAA=", "(sn=meier4)", "1.1"}, 0, []string{"# numEntries: 1"}},
		{"a missing base", []string{"ldapsearch", "-b", "ou=x,dc=ringdex", "(sn=*)"}, 32, []string{"matchedDN: dc=ringdex"}},
		{"StartTLS", []string{"ldapsearch", "-ZZ", "-b", "dc=ringdex", "(sn=meier4)", "1.1"}, 0, []string{"# numEntries: 1"}},
		{"a bind of version 2", []string{"ldapsearch", "-P", "2", "-b", "dc=ringdex", "(sn=meier4)", "1.1"}, 0, []string{"# numEntries: 1"}},
		{"compare, true", []string{"ldapcompare", contact, "sn:adler1"}, 6, []string{"TRUE"}},
		{"compare, false", []string{"ldapcompare", contact, "sn:nobody"}, 5, []string{"FALSE"}},
		{"who am I", []string{"ldapwhoami"}, 0, []string{"anonymous"}},
		{"a write", []string{"ldapdelete", contact}, 53, nil},
		{"a rename", []string{"ldapmodrdn", contact, "uid=x"}, 53, nil},
		{"a new password", []string{"ldappasswd", "-s", "x", contact}, 1, []string{"Protocol error (2)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
			defer cancel()
			args := append([]string{"-x", "-H", "ldap://" + address}, c.args[1:]...)
			cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(search), c.args[0]), args...)
			cmd.Env = append(os.Environ(), "LDAPTLS_CACERT="+certificate)
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Fatalf("%v: exit %d, want %d: %v\n%s", c.args, code, c.code, err, out)
			}
			for rest, i := string(out), 0; i < len(c.want); i++ {
				_, after, ok := strings.Cut(rest, c.want[i])
				if !ok {
					t.Fatalf("%v: no %q in\n%s", c.args, c.want[i], out)
				}
				rest = after
			}
		})
	}
}

func must(b []byte, ok bool) []byte {
	if !ok {
		panic("no id")
	}
	return b
}

// TestInteropPython runs testdata/interop/client_ldap3.py.
func TestInteropPython(t *testing.T) {
	t.Parallel()
	slowInterop(t)
	python := ""
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import ldap3").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Skip("no Python with ldap3 (Debian: python3-ldap3)")
	}
	runClient(t, python, "testdata/interop/client_ldap3.py")
}

// TestInteropJNDI runs testdata/interop/Interop.java.
func TestInteropJNDI(t *testing.T) {
	t.Parallel()
	slowInterop(t)
	java := tool(t, "java")
	address, certificate := interopServer(t)
	trust := filepath.Join(t.TempDir(), "trust.p12")
	if out, err := exec.Command(tool(t, "keytool"), "-importcert", "-noprompt", "-alias", "ringdex", "-file", certificate, "-keystore", trust, "-storepass", "changeit").CombinedOutput(); err != nil {
		t.Fatalf("keytool: %v\n%s", err, out)
	}
	finish(t, address, certificate, java, "-Djavax.net.ssl.trustStore="+trust, "-Djavax.net.ssl.trustStorePassword=changeit", "testdata/interop/Interop.java")
}

func runClient(t *testing.T, command ...string) {
	t.Helper()
	address, certificate := interopServer(t)
	finish(t, address, certificate, command...)
}

// finish runs a client, which prints ok at its end.
func finish(t *testing.T, address, certificate string, command ...string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, command[0], append(command[1:], host, port, certificate)...).CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "ok") {
		t.Fatalf("%s: %v\n%s", command[0], err, out)
	}
}

// recorded keeps what a connection receives.
type recorded struct {
	net.Conn
	got bytes.Buffer
}

func (r *recorded) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.got.Write(b[:n])
	return n, err
}

// TestInteropWireshark lets tshark look at what we send.
func TestInteropWireshark(t *testing.T) {
	t.Parallel()
	slowInterop(t)
	tshark, text2pcap := tool(t, "tshark"), tool(t, "text2pcap")
	address, _ := interopServer(t)
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorded{Conn: nc}
	c := goldap.NewConn(r, false)
	c.Start()
	everyAnswer(t, c)
	_ = c.Close()

	var dump strings.Builder
	messages := 0
	for rest := r.got.Bytes(); len(rest) > 0; messages++ {
		n, need, err := ber.FrameLength(rest, 1<<20)
		if err != nil || need || n > len(rest) {
			t.Fatalf("message %d is not whole: %v", messages, err)
		}
		for i := 0; i < n; i += 16 {
			fmt.Fprintf(&dump, "%06x % x\n", i, rest[i:min(i+16, n)])
		}
		dump.WriteByte('\n')
		rest = rest[n:]
	}
	dir := t.TempDir()
	hex, pcap := filepath.Join(dir, "hex"), filepath.Join(dir, "pcap")
	if err := os.WriteFile(hex, []byte(dump.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(text2pcap, "-q", "-T", "389,40000", hex, pcap).CombinedOutput(); err != nil {
		t.Fatalf("text2pcap: %v\n%s", err, out)
	}
	show := func(filter string) int {
		out, err := exec.Command(tshark, "-r", pcap, "-o", "tcp.desegment_tcp_streams:FALSE", "-d", "tcp.port==389,ldap", "-Y", filter).Output()
		if err != nil {
			t.Fatalf("tshark: %v", err)
		}
		return bytes.Count(out, []byte("\n"))
	}
	if n := show("ldap"); n != messages {
		t.Errorf("tshark sees LDAP in %d of %d messages", n, messages)
	}
	if n := show("_ws.malformed || _ws.expert.severity == error"); n > 0 {
		t.Errorf("tshark finds %d of %d messages malformed", n, messages)
	}
}

// everyAnswer asks for every kind of message that we send.
func everyAnswer(t *testing.T, c *goldap.Conn) {
	t.Helper()
	search := func(base string, scope int, filter string, controls ...goldap.Control) {
		_, _ = c.Search(&goldap.SearchRequest{BaseDN: base, Scope: scope, Filter: filter, Attributes: []string{"*", "+"}, Controls: controls})
	}
	search("", 0, "(objectClass=*)")
	search("cn=Subschema", 0, "(objectClass=subschema)")
	search("dc=ringdex", 2, "(objectClass=*)")
	search("ou=x,dc=ringdex", 2, "(objectClass=*)")
	search("no dn", 2, "(objectClass=*)")
	search("dc=ringdex", 2, "(sn=m*)", goldap.NewControlPaging(7))
	sorts := goldap.NewControlServerSideSortingWithSortKeys([]*goldap.SortKey{{AttributeType: "sn"}})
	search("dc=ringdex", 2, "(sn=m*)", sorts)
	search("dc=ringdex", 2, "(sn=m*)", sorts, windowRequest(2, 3, 5))
	search("dc=ringdex", 2, "(sn=m*)", windowRequest(2, 3, 5))
	search("dc=ringdex", 2, "(sn=m*)", goldap.NewControlString("1.2.3.4", true, "x"))
	_, _ = c.Compare("dc=ringdex", "dc", "ringdex")
	_, _ = c.Compare("dc=ringdex", "nonsense", "x")
	_, _ = c.WhoAmI(nil)
	_ = c.Bind("cn=nobody", "wrong")
	_ = c.UnauthenticatedBind("cn=nobody")
	_ = c.ExternalBind()
	_ = c.Del(&goldap.DelRequest{DN: "dc=ringdex"})
	_ = c.Add(&goldap.AddRequest{DN: "dc=ringdex"})
	_ = c.Modify(&goldap.ModifyRequest{DN: "dc=ringdex"})
	_ = c.ModifyDN(&goldap.ModifyDNRequest{DN: "dc=ringdex", NewRDN: "dc=x"})
	_, _ = c.PasswordModify(&goldap.PasswordModifyRequest{})
}
