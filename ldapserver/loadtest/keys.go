package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// keysPerMix bounds the number of different requests in one mix.
const keysPerMix = 20_000

// numberAttributes are the attributes of the caller filter.
var numberAttributes = []string{"telephoneNumber", "mobile", "homePhone", "ipPhone"}

// keys pulls the whole directory and writes it as LDIF for a peer, with one file of keys per mix.
func keys(args []string) error {
	fs := flags("keys")
	addr := fs.String("addr", "127.0.0.1:3389", "the server to read")
	base := fs.String("base", "dc=ringdex", "search base")
	out := fs.String("out", ".", "folder for entries.ldif and the *.keys files")
	seed := fs.Uint64("seed", 1, "seed of the choice of keys")
	_ = fs.Parse(args)
	if err := loopback(*addr); err != nil {
		return err
	}
	conn, err := ldap.DialURL("ldap://" + *addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	// In pages: a million entries take longer than a search may.
	res, err := conn.SearchWithPaging(ldap.NewSearchRequest(*base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=inetOrgPerson)", append([]string{"cn", "sn", "givenName", "o", "mail"}, numberAttributes...), nil), 10*pageSize)
	if err != nil {
		return err
	}
	if len(res.Entries) == 0 {
		return fmt.Errorf("%s holds no person below %s", *addr, *base)
	}
	if err := writeLDIF(filepath.Join(*out, "entries.ldif"), res.Entries); err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(*seed, 0))
	mixes := map[string][]string{"all": {fmt.Sprintf("everybody\t%d", len(res.Entries))}}
	found := countNumbers(res.Entries)
	for _, i := range rnd.Perm(len(res.Entries)) {
		e := res.Entries[i]
		if v := e.GetAttributeValue("telephoneNumber"); strings.HasPrefix(v, "+") && len(v) >= 11 {
			mixes["exact"] = append(mixes["exact"], fmt.Sprintf("%s\t%d", v, found.office[v]))
			mixes["caller"] = append(mixes["caller"], fmt.Sprintf("%s\t%d", v, found.any[v]))
			end := v[len(v)-suffixDigits:]
			mixes["suffix"] = append(mixes["suffix"], fmt.Sprintf("%s\t%d", end, found.ends[end]))
			// A country that no record is in: an unknown extension of a known company is no miss.
			if miss := fmt.Sprintf("+4533%06d", i%1_000_000); found.any[miss] == 0 {
				mixes["miss"] = append(mixes["miss"], miss)
			}
		}
		if sn := strings.ToLower(e.GetAttributeValue("sn")); utf8.RuneCountInString(sn) >= 6 && !strings.ContainsAny(sn, ` '-\*()`) {
			r := []rune(sn)
			mixes["typeahead"] = append(mixes["typeahead"], string(r[:3]))
			mixes["prefix2"] = append(mixes["prefix2"], string(r[:2]))
			mixes["substr"] = append(mixes["substr"], string(r[1:6]))
		}
		if len(mixes["exact"]) >= keysPerMix {
			break
		}
	}
	for mix, list := range mixes {
		if err := os.WriteFile(filepath.Join(*out, mix+".keys"), []byte(strings.Join(list, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d entries\n", len(res.Entries))
	return nil
}

// writeLDIF writes the entries below dc=ringdex,dc=test with base64 values, which every loader reads.
func writeLDIF(path string, entries []*ldap.Entry) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprint(w, "dn: dc=ringdex\nobjectClass: dcObject\nobjectClass: organization\ndc: ringdex\no: ringdex\n\n")
	for i, e := range entries {
		fmt.Fprintf(w, "dn: uid=e%d,dc=ringdex\nobjectClass: inetOrgPerson\nobjectClass: extensibleObject\nuid: e%d\n", i, i)
		for _, a := range e.Attributes {
			for _, v := range a.Values {
				fmt.Fprintf(w, "%s:: %s\n", a.Name, base64Text(v))
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// suffixDigits is how many digits the suffix mix asks for.
const suffixDigits = 7

// numberCounts is how many entries have a number: as telephoneNumber, in any of the attributes of the caller filter, and,
// by its last digits, as telephoneNumber or mobile.
type numberCounts struct{ office, any, ends map[string]int }

func countNumbers(entries []*ldap.Entry) numberCounts {
	n := numberCounts{map[string]int{}, map[string]int{}, map[string]int{}}
	for _, e := range entries {
		seen, ended := map[string]bool{}, map[string]bool{}
		for _, a := range numberAttributes {
			for _, v := range e.GetAttributeValues(a) {
				if a == "telephoneNumber" {
					n.office[v]++
				}
				if !seen[v] {
					seen[v] = true
					n.any[v]++
				}
				if a != "telephoneNumber" && a != "mobile" || len(v) < suffixDigits {
					continue
				}
				if end := v[len(v)-suffixDigits:]; !ended[end] {
					ended[end] = true
					n.ends[end]++
				}
			}
		}
	}
	return n
}
