package directory

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/schema/phone"
)

// oracleWords are the values of names: words of letters without accents, where finding by words and finding by substrings
// are the same.
var oracleWords = []string{
	"meier", "meierhof", "maier", "anna", "annabel", "hannah", "peter", "petersen", "ryan", "bryan", "mei", "ann", "zorn", "a", "schmid", "schmidt", "goldschmidt",
}

// oracleEntries invents a directory in which numbers are those of one plan without extensions, and all lie in US area
// codes, where no company stands behind an unknown number. No two entries are of one person, but for the last two.
func oracleEntries(t *testing.T, rnd *rand.Rand, n int) []schema.Entry {
	t.Helper()
	m := makerAt(t, phone.Location{})
	word := func() string { return oracleWords[rnd.IntN(len(oracleWords))] }
	number := func() string { return fmt.Sprintf("+1202555%04d", 100+rnd.IntN(100)) }
	var out []schema.Entry
	for i := range n {
		object := "Contact"
		if i%7 == 0 {
			object = "Account"
		}
		r := m.record(object, i).add("cn", fmt.Sprint("n", 1000+i), word()).add("sn", word())
		some := func(name string, value func() string) {
			var values []string
			for range rnd.IntN(3) {
				if v := value(); !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
			r.add(name, values...)
		}
		some("givenName", word)
		some("o", word)
		some("title", word)
		some("l", word)
		some("telephoneNumber", number)
		some("mobile", number)
		some("mail", func() string { return word() + "@" + word() + ".example.org" })
		some("employeeType", word)
		out = append(out, r.entry)
	}
	for i := range 2 {
		out = append(out, m.record("Contact", n+i).add("cn", "twin").add("sn", "twin").add("telephoneNumber", "+12025550300").entry)
	}
	return out
}

// oracleLDIF is the directory as slapd loads it.
func oracleLDIF(entries []schema.Entry) string {
	var b strings.Builder
	b.WriteString("dn: dc=ringdex\nobjectClass: domain\ndc: ringdex\n")
	for _, o := range []string{"Account", "Contact"} {
		fmt.Fprintf(&b, "\ndn: ou=%s,dc=ringdex\nobjectClass: organizationalUnit\nou: %s\n", o, o)
	}
	for _, e := range entries {
		fmt.Fprintf(&b, "\ndn: uid=%s,ou=%s,dc=ringdex\nuid: %s\n", e.ID, e.Object, e.ID)
		for _, c := range []string{"top", "person", "organizationalPerson", "inetOrgPerson"} {
			b.WriteString("objectClass: " + c + "\n")
		}
		for _, a := range e.Attributes {
			for _, v := range a.Values {
				fmt.Fprintf(&b, "%s: %s\n", a.Name, v.Text)
			}
		}
	}
	return b.String()
}

// startSlapd loads slapd and starts it on loopback; it ends with the test.
func startSlapd(t *testing.T, ldif string) string {
	t.Helper()
	path := os.Getenv("PATH") + string(filepath.ListSeparator) + "/usr/sbin"
	find := func(name string) string {
		for _, dir := range filepath.SplitList(path) {
			if f := filepath.Join(dir, name); isExecutable(f) {
				return f
			}
		}
		t.Skipf("%s isn't installed (Debian: apt-get install slapd); make oracle runs this test", name)
		return ""
	}
	slapd, slapadd := find("slapd"), find("slapadd")
	dir := t.TempDir()
	conf := filepath.Join(dir, "slapd.conf")
	text := `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload sssvlv
pidfile ` + dir + `/pid
sizelimit unlimited
database mdb
maxsize 268435456
suffix dc=ringdex
directory ` + dir + `
overlay sssvlv
sssvlv-max 1000
sssvlv-maxperconn 50
`
	for name, content := range map[string]string{conf: text, filepath.Join(dir, "entries.ldif"): ldif} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(slapadd, "-q", "-f", conf, "-l", filepath.Join(dir, "entries.ldif")).CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(slapd, "-f", conf, "-h", "ldap://"+address, "-d", "0")
	c.Stderr = log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = log.Close()
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		nc, err := net.Dial("tcp", address)
		if err == nil {
			_ = nc.Close()
			return address
		}
		if time.Now().After(end) {
			t.Fatalf("slapd does not answer: %v", err)
		}
	}
}

func isExecutable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}
