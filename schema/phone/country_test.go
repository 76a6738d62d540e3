package phone

import (
	"strings"
	"testing"
)

func TestCountryOf(t *testing.T) {
	t.Parallel()
	for region, names := range map[string]string{
		"DE": "DE|de|DEU|Germany|GERMANY| Deutschland |Allemagne|Germania|Alemania|BRD|Duitsland|Federal Republic of Germany|D",
		"AT": "Austria|Österreich|Oesterreich|Osterreich|Autriche|A|AUT",
		"CH": "Switzerland|Schweiz|Suisse|Svizzera|Suiza|CHE|Zwitserland",
		"US": "USA|U.S.A.|US|U.S.|United States|The United States|United States of America|États-Unis|Estados Unidos|Vereinigte Staaten|Stati Uniti",
		"GB": "UK|U.K.|GB|GBR|United Kingdom|Great Britain|England|Großbritannien|Royaume-Uni|Regno Unito|Reino Unido|Vereinigtes Königreich",
		"FR": "France|Frankreich|Francia|FRA", "IT": "Italy|Italien|Italie|Italia", "ES": "Spain|España|Espana|Spanien|Espagne|Spagna",
		"NL": "Netherlands|The Netherlands|Nederland|Niederlande|Pays-Bas|Holland", "BE": "Belgium|Belgien|Belgique|België|Belgio|Bélgica",
		"LU": "Luxembourg|Luxemburg|Lussemburgo", "LI": "Liechtenstein", "DK": "Denmark|Dänemark|Danmark|Danemark", "SE": "Sweden|Schweden|Sverige|Suède",
		"NO": "Norway|Norwegen|Norge|Norvège", "FI": "Finland|Finnland|Suomi|Finlande", "IS": "Iceland|Island|Ísland|Islande", "IE": "Ireland|Irland|Irlande|Éire",
		"PL": "Poland|Polen|Polska|Pologne", "CZ": "Czech Republic|Czechia|Tschechien|Česko", "SK": "Slovakia|Slowakei|Slovensko", "HU": "Hungary|Ungarn|Magyarország",
		"RO": "Romania|Rumänien|România", "BG": "Bulgaria|Bulgarien|България", "GR": "Greece|Griechenland|Ελλάδα|Grèce", "TR": "Turkey|Türkei|Türkiye",
		"RU": "Russia|Russland|Россия|Russian Federation", "UA": "Ukraine|Україна|Ucraina", "BY": "Belarus|Weißrussland", "HR": "Croatia|Kroatien|Hrvatska",
		"SI": "Slovenia|Slowenien|Slovenija", "RS": "Serbia|Serbien|Србија", "BA": "Bosnia and Herzegovina|Bosnien & Herzegowina|Bosnia & Herzegovina",
		"ME": "Montenegro", "MK": "North Macedonia|Nordmazedonien|Macedonia", "AL": "Albania|Albanien", "XK": "Kosovo", "EE": "Estonia|Estland|Eesti",
		"LV": "Latvia|Lettland|Latvija", "LT": "Lithuania|Litauen|Lietuva", "PT": "Portugal", "MT": "Malta", "CY": "Cyprus|Zypern|Chypre",
		"CA": "Canada|Kanada", "MX": "Mexico|México|Mexiko", "BR": "Brazil|Brasilien|Brasil|Brésil", "AR": "Argentina|Argentinien", "CL": "Chile", "CO": "Colombia|Kolumbien",
		"PE": "Peru|Perú", "VE": "Venezuela", "AU": "Australia|Australien", "NZ": "New Zealand|Neuseeland|Nouvelle-Zélande", "JP": "Japan|Japon|日本",
		"CN": "China|P.R. China|中国|Chine|Cina", "KR": "South Korea|Korea|Südkorea|대한민국", "IN": "India|Indien|Inde", "SG": "Singapore|Singapur|Singapour",
		"HK": "Hong Kong|Hongkong", "TW": "Taiwan", "TH": "Thailand|Thaïlande", "MY": "Malaysia", "ID": "Indonesia|Indonesien", "PH": "Philippines|Philippinen",
		"VN": "Vietnam|Viet Nam", "AE": "United Arab Emirates|UAE|Vereinigte Arabische Emirate", "SA": "Saudi Arabia|Saudi-Arabien", "IL": "Israel|ישראל",
		"EG": "Egypt|Ägypten|Égypte|مصر", "ZA": "South Africa|Südafrika", "NG": "Nigeria", "KE": "Kenya|Kenia", "MA": "Morocco|Marokko|Maroc", "TN": "Tunisia|Tunesien|Tunisie",
		"CI": "Ivory Coast|Côte d'Ivoire|Côte d’Ivoire", "GE": "Georgia|Georgien", "KZ": "Kazakhstan|Kasachstan", "IR": "Iran", "IQ": "Iraq|Irak", "PK": "Pakistan",
	} {
		for name := range strings.SplitSeq(names, "|") {
			if got, ok := CountryOf(name); !ok || got != region {
				t.Errorf("%q: got %q %v, want %s", name, got, ok, region)
			}
		}
	}
	for _, name := range []string{"", " ", "Atlantis", "XX", "ZZ", "12", "Bavaria", "n/a", "-", strings.Repeat("Germany", 20)} {
		if got, ok := CountryOf(name); ok {
			t.Errorf("%q: got %q, want none", name, got)
		}
	}
}

func BenchmarkCountryOf(b *testing.B) {
	CountryOf("x")
	for _, name := range []string{"DE", "Germany", "Österreich"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				CountryOf(name)
			}
		})
	}
}
