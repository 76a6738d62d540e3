package phone

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// countries maps folded names and codes to ISO 3166 alpha-2 codes. It is built at the first use (about 5 ms): English,
// German, French, Italian, Spanish and Dutch names and each country's own, from the Unicode CLDR, and the table of
// shorthands.
var countries = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 2000)
	add := func(name, region string) {
		if key := foldCountry(name); key != "" {
			if _, taken := names[key]; !taken {
				names[key] = region
			}
		}
	}
	regions := make([]string, 0, len(plans().regions))
	for region := range plans().regions {
		regions = append(regions, region)
	}
	slices.Sort(regions)
	for _, region := range regions {
		names[strings.ToLower(region)] = region
	}
	for _, s := range shorthands {
		for name := range strings.SplitSeq(s.names, "|") {
			add(name, s.region)
		}
	}
	for _, tag := range []language.Tag{
		language.English, language.German, language.French, language.Italian, language.Spanish, language.Dutch,
	} {
		namer := display.Regions(tag)
		for _, code := range regions {
			if region, err := language.ParseRegion(code); err == nil {
				add(namer.Name(region), code)
			}
		}
	}
	for _, code := range regions {
		region, err := language.ParseRegion(code)
		if err != nil {
			continue
		}
		add(region.ISO3(), code)
		tag, err := language.Compose(region)
		if err != nil {
			continue
		}
		if base, confidence := tag.Base(); confidence != language.No {
			if namer := display.Regions(language.Make(base.String())); namer != nil {
				add(namer.Name(region), code)
			}
		}
	}
	return names
})

// CountryOf returns the ISO 3166 alpha-2 code of a country named by a code ("DE", "DEU", "UK") or in English, German,
// French, Italian, Spanish, Dutch or its own language ("Deutschland", "Suisse", "U.S.A."). Letter case, accents, signs
// and a leading article don't count. ok is false if the name is unknown, and for regions that have no telephone
// numbering plan.
func CountryOf(name string) (region string, ok bool) {
	if len(name) > 80 {
		return "", false
	}
	if len(name) == 2 && plans().regions[name] != nil {
		return name, true
	}
	key := foldCountry(name)
	if len(key) == 2 && strings.ContainsAny(name, "/-") { // "n/a" is not Namibia
		return "", false
	}
	region, ok = countries()[key]
	return region, ok
}

// foldCountry is the form in which names compare: lower-case letters only, no accents, no articles and conjunctions
// ("The Netherlands", "Trinidad & Tobago").
func foldCountry(name string) string {
	var b strings.Builder
	start := 0 // of the word that is being written
	end := func() {
		switch b.String()[start:] {
		case "the", "and", "und", "et", "e", "y", "en":
			kept := b.String()[:start]
			b.Reset()
			b.WriteString(kept)
		}
		start = b.Len()
	}
	for _, r := range norm.NFKD.String(name) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø' || r == 'Ø':
			b.WriteByte('o')
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r):
			end()
		}
	}
	if start > 0 {
		end()
	}
	return b.String()
}
