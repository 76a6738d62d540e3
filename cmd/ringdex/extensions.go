package main

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

const (
	// stemDigits is how many digits the numbers of a company have in common at least to lie behind one head number: country
	// code, area and three more.
	stemDigits = 7
	// extensionDigits is how many digits follow it at most.
	extensionDigits = 5
)

// Why an extension can't be told.
const (
	reasonStem   = "these look like extensions of one number, and no record shows where it ends: write +49 7031 123-456, or give the account its main number"
	reasonBeside = "the extension is not dialled behind the number: phones show the record for every caller with the number, and dial without it"
)

// staff is a company's people with numbers where extensions are dialled directly.
type staff struct {
	name  string
	keys  []string
	ids   []string
	heads []string // what accounts and hyphens show as head numbers
}

// extensions finds the numbers whose extension can't be told: people of one company behind one stem for which nobody shows
// the head number, and values with an extension that is no part of the number.
func extensions(ctx context.Context, r *store.Reader, s *schema.Schema, url func(string) string) []extensionRow {
	out := []extensionRow{}
	companies := map[string]*staff{}
	for ord, ok := r.Next(0); ok && ctx.Err() == nil; ord, ok = r.Next(ord + 1) {
		v, ok := r.View(ord)
		if !ok {
			continue
		}
		own := v.First("o")
		account := string(v.ObjectBytes()) == "Account"
		if account && len(own) == 0 {
			own = v.First("cn")
		}
		for it := v.Values(); it.Next(); {
			t, known := s.Attribute(it.Attr().Name)
			if !known || t.Syntax != schema.Phone || it.Keys() == 0 {
				continue
			}
			key := string(it.Key(0))
			if besideNumber(it.Original(), it.Text()) {
				if len(out) < reportedMost {
					out = append(out, extensionRow{Company: string(own), Number: key, Records: 1, Reason: reasonBeside, URLs: []string{url(string(v.ID()))}})
				}
				continue
			}
			if folded := name.Fold(string(own)); folded != "" && t.Name == "telephoneNumber" && phone.DirectDial(key) {
				c := companies[folded]
				if c == nil {
					c = &staff{name: string(own)}
					companies[folded] = c
				}
				c.add(key, string(v.ID()), it.Original(), account)
			}
		}
	}
	for _, folded := range sortedKeys(companies) {
		c := companies[folded]
		stem := c.stem()
		if stem == "" || len(out) >= reportedMost {
			continue
		}
		row := extensionRow{Company: c.name, Number: stem, Records: len(c.ids), Reason: reasonStem}
		for _, id := range c.ids[:min(len(c.ids), reportedURLs)] {
			row.URLs = append(row.URLs, url(id))
		}
		out = append(out, row)
	}
	return out
}

func sortedKeys(m map[string]*staff) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(m[b].ids), len(m[a].ids)), cmp.Compare(a, b)) })
	return keys
}

func (c *staff) add(key, id string, original []byte, account bool) {
	if account {
		c.heads = append(c.heads, key, strings.TrimSuffix(key, "0"))
	} else {
		c.keys, c.ids = append(c.keys, key), append(c.ids, id)
	}
	// A hyphen before one to five digits at the end marks the extension (DIN 5008).
	if i := bytes.LastIndexByte(original, '-'); i > 0 {
		if n := len(phone.Digits(string(original[i:]))); n > 0 && n <= extensionDigits && n < len(key) {
			c.heads = append(c.heads, key[:len(key)-n])
		}
	}
}

// stem is what the numbers of two people or more have in common, if it is a head number that nothing shows; "" else.
func (c *staff) stem() string {
	if len(c.keys) < 2 {
		return ""
	}
	stem := c.keys[0]
	for _, k := range c.keys[1:] {
		n := 0
		for n < min(len(stem), len(k)) && stem[n] == k[n] {
			n++
		}
		stem = stem[:n]
	}
	if len(stem) < stemDigits {
		return ""
	}
	for _, k := range c.keys {
		if n := len(k) - len(stem); n == 0 || n > extensionDigits {
			return ""
		}
	}
	// A head number that is shown is at most as long as what the numbers have in common.
	if slices.ContainsFunc(c.heads, func(h string) bool { return len(h) >= stemDigits && strings.HasPrefix(stem, h) }) {
		return ""
	}
	return stem
}

// besideNumber says whether a spelling has an extension that the number shown does not end with.
func besideNumber(original, text []byte) bool {
	if len(original) == 0 {
		return false
	}
	ext := phone.ExtensionOf(string(original))
	return ext != "" && !bytes.HasSuffix(text, []byte(ext))
}
