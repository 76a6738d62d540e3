package emulator

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// digest is a sum over all fields of an object's records.
func digest(o *Org, name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.objects[name].table
	sum := sha256.New()
	var buf []byte
	for _, slot := range t.byID {
		for n := range t.object.fields {
			value, ok := t.appendValue(buf[:0], slot, n)
			fmt.Fprintf(sum, "%t%s|", ok, value)
			buf = value
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestGeneratedOrgIsDeterministic(t *testing.T) {
	t.Parallel()
	sums := map[int64]string{}
	for _, seed := range []int64{1, 1, 2} {
		s := start(t, Options{Generate: &Generate{Accounts: 50, Contacts: 2000, Seed: seed}})
		got := digest(s.org, "Contact") + digest(s.org, "Account")
		if want, again := sums[seed]; again && got != want {
			t.Errorf("seed %d gives other records the second time", seed)
		}
		sums[seed] = got
	}
	if sums[1] == sums[2] {
		t.Error("two seeds give the same records")
	}
}

// TestGeneratedOrg checks what makes an invented org worth testing with.
func TestGeneratedOrg(t *testing.T) {
	t.Parallel()
	const contacts = 5000
	s := start(t, Options{Generate: &Generate{Accounts: 400, Contacts: contacts, Seed: 9}})
	o := s.org
	count := map[string]int{}
	numbers := map[string]int{}
	regions := map[string]string{"Germany": "DE", "Deutschland": "DE", "DE": "DE", "BRD": "DE", "Schweiz": "CH", "Switzerland": "CH", "CH": "CH", "Suisse": "CH", "Svizzera": "CH", "Österreich": "AT", "Austria": "AT", "AT": "AT", "Oesterreich": "AT", "United Kingdom": "GB", "UK": "GB", "GB": "GB", "England": "GB", "Great Britain": "GB", "France": "FR", "FR": "FR", "Frankreich": "FR", "FRANCE": "FR", "USA": "US", "US": "US", "United States": "US", "United States of America": "US"}
	for _, id := range o.IDs("Contact") {
		truth := o.Truth(id)
		name, _ := o.Field("Contact", id, "Name")
		country, hasCountry := o.Field("Contact", id, "MailingCountry")
		for _, field := range []string{"Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"} {
			typed, ok := o.Field("Contact", id, field)
			meant, known := truth[field]
			switch {
			case !ok:
				count["empty "+field]++
				if known {
					t.Errorf("%s: %s is empty and yet means %s", id, field, meant)
				}
				continue
			case !known:
				count["invalid"]++
				continue
			}
			count[field]++
			if len(typed) > 40 {
				t.Errorf("%s: %s %q is longer than the field", id, field, typed)
			}
			if field == "Phone" || field == "MobilePhone" {
				numbers[meant]++
			}
			if strings.Contains(typed, "/") {
				count["slash"]++
			}
			region := regions[country]
			if hasCountry && region == "" {
				t.Fatalf("no region for %q", country)
			}
			// Without a region libphonenumber does not know that 00 means +.
			n, err := phonenumbers.Parse(international(typed), region)
			if err != nil {
				t.Errorf("%s: %s %q: %v", id, field, typed, err)
				continue
			}
			if got := phonenumbers.Format(n, phonenumbers.E164); got != meant {
				t.Errorf("%s: %s %q (%s) reads as %s, meant is %s", id, field, typed, country, got, meant)
			}
		}
		for _, r := range name {
			switch {
			case r == '-':
				count["hyphen"]++
			case r == '\'':
				count["apostrophe"]++
			case r > unicode.MaxASCII:
				count["accent"]++
			}
		}
	}
	for _, id := range o.IDs("Account") {
		if name, _ := o.Field("Account", id, "Name"); strings.ContainsAny(name, "&\"<") {
			count["special"]++
		}
	}
	shared := 0
	for _, n := range numbers {
		if n > 1 {
			shared++
		}
	}
	if shared < 50 || len(numbers) < 4000 {
		t.Errorf("%d different numbers, %d shared: too few", len(numbers), shared)
	}
	for what, least := range map[string]int{"empty Phone": 100, "invalid": 20, "hyphen": 50, "apostrophe": 20, "accent": 500, "special": 20, "slash": 100, "Phone": 3000, "MobilePhone": 2000, "HomePhone": 50, "OtherPhone": 50, "AssistantPhone": 50} {
		if count[what] < least {
			t.Errorf("%s: %d, want at least %d", what, count[what], least)
		}
	}
}

// TestMillion shows that a million contacts fit, with numbers of their own.
func TestMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("a million contacts: not with -short")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := start(t, Options{Generate: &Generate{Accounts: 100_000, Contacts: 1_000_000, Seed: 1}})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 64<<20 {
		t.Errorf("a million contacts take %d MB, want less than 64", used>>20)
	}
	g := s.org.objects["Contact"].table.gen.(*invented)
	seen := make(map[string]bool, 1_000_000)
	for n := range uint32(1_000_000) {
		var direct, mobile phoneNumber
		var ok, ok2 bool
		direct, ok = g.direct(n)
		mobile, ok2 = g.mobile(n)
		for _, p := range []struct {
			n  *phoneNumber
			ok bool
		}{{&direct, ok}, {&mobile, ok2}} {
			if !p.ok {
				continue
			}
			e164 := string(p.n.appendE164(nil))
			if len(e164) > 16 {
				t.Fatalf("%s has more than 15 digits", e164)
			}
			if n%3 == 0 && seen[e164] {
				t.Fatalf("%s belongs to two people", e164)
			}
			if n%3 == 0 {
				seen[e164] = true
			}
		}
	}
	if len(seen) < 600_000 {
		t.Errorf("a third of the people has %d numbers, want 600,000", len(seen))
	}
	c := login(t, s)
	a := c.query("SELECT Id, Name FROM Contact WHERE (SystemModstamp = 2019-05-05T00:00:00Z AND Id > '003000000000000AAA') OR SystemModstamp > 2019-05-05T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000")
	if got := len(all(a.root, "records")); got != 2000 {
		t.Errorf("keyset page of %d records, want 2000", got)
	}
}

// TestCountedNumbers: every contact has as many numbers as were asked for, valid and different ones, and nothing else moves.
func TestCountedNumbers(t *testing.T) {
	t.Parallel()
	fields := []string{"Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax"}
	plain := start(t, Options{Generate: &Generate{Accounts: 200, Contacts: 2000, Seed: 9}})
	for want := 1; want <= MaxNumbers; want++ {
		s := start(t, Options{Generate: &Generate{Accounts: 200, Contacts: 2000, Seed: 9, Numbers: want}})
		if digest(s.org, "Account") != digest(plain.org, "Account") {
			t.Errorf("%d numbers for each contact: the accounts are others", want)
		}
		everybody := map[string]int{}
		for _, id := range s.org.IDs("Contact") {
			truth := s.org.Truth(id)
			different := map[string]bool{}
			for i, field := range fields {
				typed, has := s.org.Field("Contact", id, field)
				if has != (i < want) {
					t.Fatalf("%d numbers for each contact: %s of %s is %q", want, field, id, typed)
				}
				if !has {
					continue
				}
				different[truth[field]] = true
				everybody[truth[field]]++
				n, err := phonenumbers.Parse(truth[field], "")
				if err != nil || !phonenumbers.IsPossibleNumber(n) {
					t.Errorf("%s of %s is %q, which means %q: %v", field, id, typed, truth[field], err)
				}
			}
			if len(different) != want {
				t.Errorf("%s has the numbers %v, want %d different ones", id, truth, want)
			}
			for _, field := range []string{"Name", "Email", "MailingCity", "Title", "AccountId", "SystemModstamp"} {
				got, _ := s.org.Field("Contact", id, field)
				if without, _ := plain.org.Field("Contact", id, field); got != without {
					t.Errorf("%s of %s is %q, want %q", field, id, got, without)
				}
			}
		}
		if len(everybody) != 2000*want {
			t.Errorf("%d numbers for each of 2,000 contacts: %d different ones", want, len(everybody))
		}
	}
}

func TestGenerateRefused(t *testing.T) {
	t.Parallel()
	for _, g := range []Generate{{Contacts: -1}, {Contacts: 1, Numbers: -1}, {Contacts: 1, Numbers: MaxNumbers + 1}} {
		if _, err := Start(Options{Generate: &g}); err == nil {
			t.Errorf("%+v was taken", g)
		}
	}
}

func TestGenerateWithoutAccounts(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Generate: &Generate{Contacts: 50, Seed: 1}})
	a := login(t, s).query("SELECT Id, Name, Account.Name, Phone, MobilePhone FROM Contact")
	if got := len(all(a.root, "records")); got != 50 {
		t.Errorf("got %d records, want 50: %s", got, a.fault())
	}
}

// international spells 00 as +.
func international(typed string) string {
	if rest, ok := strings.CutPrefix(typed, "00"); ok {
		return "+" + rest
	}
	return typed
}
