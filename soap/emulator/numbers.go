package emulator

// A dialPlan says how numbers of a country are made up and typed. Formats: %a area without trunk prefix, %h subscriber
// number, %x extension, %t subscriber number in the country's groups, %p in pairs, %d in pairs with dots, %r an
// extension of the private exchange (not dialled from outside).
type dialPlan struct {
	code string // +49
	international,
	national []string // of numbers with and without the country code
	mobileInternational,
	mobileNational []string
	ddi          bool // extensions are part of the number
	head, mobile func(seq uint32, headWidth int) (area, block string, digits int, n uint32, ok bool)
}

// A phoneNumber is one invented number taken apart.
type phoneNumber struct {
	plan    *dialPlan
	area    string
	sub     [16]byte
	subLen  int
	ext     [8]byte
	extLen  int
	private uint32 // extension behind the number, 0 none
	mobile  bool
}

func (p *phoneNumber) setSub(block string, digits int, n uint32) {
	p.subLen = copy(p.sub[:], block)
	p.subLen += pad(p.sub[p.subLen:], digits, n)
}

// pad writes n with leading zeros and gives the number of digits.
func pad(dst []byte, digits int, n uint32) int {
	for i := digits - 1; i >= 0; i-- {
		dst[i] = '0' + byte(n%10)
		n /= 10
	}
	return digits
}

// appendE164 appends the number as it is dialled from abroad.
func (p *phoneNumber) appendE164(dst []byte) []byte {
	dst = append(dst, p.plan.code...)
	dst = append(dst, p.area...)
	dst = append(dst, p.sub[:p.subLen]...)
	return append(dst, p.ext[:p.extLen]...)
}

// append appends the number as somebody typed it.
func (p *phoneNumber) append(dst []byte, format string) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			dst = append(dst, format[i])
			continue
		}
		i++
		sub := p.sub[:p.subLen]
		switch format[i] {
		case 'a':
			dst = append(dst, p.area...)
		case 'h':
			dst = append(dst, sub...)
		case 'x':
			dst = append(dst, p.ext[:p.extLen]...)
		case 't':
			dst = p.appendGroups(dst)
		case 'p', 'd':
			between := byte(' ')
			if format[i] == 'd' {
				between = '.'
			}
			for k := 0; k < len(sub); k += 2 {
				if k > 0 {
					dst = append(dst, between)
				}
				dst = append(dst, sub[k:min(k+2, len(sub))]...)
			}
		case 'r':
			var buf [4]byte
			dst = append(dst, buf[:pad(buf[:], 3, p.private)]...)
		}
	}
	return dst
}

// appendGroups groups as the country does: 000 12 34, 7946 0123, 555-0123.
func (p *phoneNumber) appendGroups(dst []byte) []byte {
	sub := p.sub[:p.subLen]
	switch {
	case p.plan.code == "+1":
		return append(append(append(dst, sub[:3]...), '-'), sub[3:]...)
	case p.plan.code == "+41":
		dst = append(append(dst, sub[:3]...), ' ')
		return append(append(append(dst, sub[3:5]...), ' '), sub[5:]...)
	case len(sub) == 8:
		return append(append(append(dst, sub[:4]...), ' '), sub[4:]...)
	case len(sub) == 7:
		return append(append(append(dst, sub[:3]...), ' '), sub[3:]...)
	}
	return append(dst, sub...)
}

func germanPlan() *dialPlan {
	return &dialPlan{
		code: "+49", ddi: true,
		international:       []string{"+49 %a %h-%x", "+49 (%a) %h-%x", "+49 (0)%a %h-%x", "+49%a%h%x", "0049 %a %h%x", "+49.%a.%h%x", "+49 %a / %h - %x", "+49-%a-%h-%x"},
		national:            []string{"0%a/%h-%x", "0%a %h%x", "(0%a) %h-%x", "0%a-%h%x", "0%a / %h %x", "0%a%h%x", "0%a %h-%x"},
		mobileInternational: []string{"+49 %a %h", "+49%a%h", "0049%a%h", "+49 (0) %a %h", "+49 (%a) %p"},
		mobileNational:      []string{"0%a/%h", "0%a %h", "0%a-%h", "0%a%h", "0%a %p", "(0%a) %h"},
		head: func(seq uint32, width int) (string, string, int, uint32, bool) {
			areas := [...]string{"30", "69", "40", "221", "89"}
			blocks := [...]string{"23125", "90009", "66969", "4710", "99998"}
			return areas[seq%5], blocks[seq%5], width, seq / 5, true
		},
		mobile: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			switch {
			case seq < 100:
				return "176", "040690", 2, seq, true
			case seq >= 69_000 && seq < 69_100: // taken by those above
				return "176", "04", 6, seq + 900_000, true
			}
			return "176", "04", 6, seq, seq < 900_000
		},
	}
}

func austrianPlan() *dialPlan {
	return &dialPlan{
		code: "+43", ddi: true,
		international:       []string{"+43 %a %h-%x", "+43 (0)%a/%h-%x", "+43%a%h%x", "+43 (%a) %h %x", "0043 %a %h%x"},
		national:            []string{"0%a/%h-%x", "0%a %h%x", "(0%a) %h-%x", "0%a / %h %x"},
		mobileInternational: []string{"+43 %a %h", "+43%a%h", "0043 %a %h", "+43 (0)%a/%h"},
		mobileNational:      []string{"0%a/%h", "0%a %h", "0%a-%h", "0%a %p"},
		head: func(seq uint32, width int) (string, string, int, uint32, bool) {
			areas := [...]string{"1", "316", "732", "662", "512"}
			return areas[seq%5], "9999", width, seq / 5, true
		},
		mobile: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			return "664", "00", 6, seq, seq < 1_000_000
		},
	}
}

func swissPlan() *dialPlan {
	international := []string{"+41 %a %t", "+41%a%h", "0041 %a %t", "+41 (0)%a %t", "+41 %a %h"}
	national := []string{"0%a %t", "0%a%h", "0%a/%t", "(0%a) %t", "0%a-%h"}
	return &dialPlan{
		code: "+41", international: international, national: national, mobileInternational: international, mobileNational: national,
		head: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			areas := [...]string{"44", "31", "22", "21", "41", "71", "61", "91"}
			return areas[seq%8], "00", 5, seq / 8, seq/8 < 100_000
		},
		mobile: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			areas := [...]string{"79", "78", "76", "77"}
			return areas[seq%4], "00", 5, seq / 4, seq/4 < 100_000
		},
	}
}

func britishPlan() *dialPlan {
	international := []string{"+44 %a %t", "+44%a%h", "+44 (0)%a %t", "0044 %a %h", "+44-%a-%h"}
	national := []string{"0%a %t", "(0%a) %t", "0%a%h", "0%a-%h", "0%a %h"}
	return &dialPlan{
		code: "+44", international: international, national: national, mobileInternational: international, mobileNational: national,
		head: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			areas := [...]string{"20", "113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161"}
			if seq < 12_000 {
				if seq%12 == 0 {
					return "20", "79460", 3, seq / 12, true
				}
				return areas[seq%12], "4960", 3, seq / 12, true
			}
			seq -= 12_000 // beyond the reserved thousands: the rest of the same ten thousands
			if seq%12 == 0 {
				return "20", "7946", 4, 1000 + seq/12, seq/12 < 9000
			}
			return areas[seq%12], "496", 4, 1000 + seq/12, seq/12 < 9000
		},
		mobile: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			return "7700", "9", 5, seq, seq < 100_000
		},
	}
}

func frenchPlan() *dialPlan {
	international := []string{"+33 %a %p", "+33%a%h", "0033 %a %p", "+33 (0)%a %p", "+33.%a.%d"}
	national := []string{"0%a %p", "0%a.%d", "0%a%h", "0%a %p", "0%a-%p"}
	return &dialPlan{
		code: "+33", international: international, national: national, mobileInternational: international, mobileNational: national,
		head: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			areas := [...]string{"1", "2", "3", "4", "5"}
			blocks := [...]string{"9900", "6191", "5301", "6571", "3649"}
			if seq < 50_000 {
				return areas[seq%5], blocks[seq%5], 4, seq / 5, true
			}
			return "1", "99", 6, seq - 40_000, seq < 1_000_000 // beyond 01 99 00
		},
		mobile: func(seq uint32, _ int) (string, string, int, uint32, bool) {
			if seq < 10_000 {
				return "6", "3998", 4, seq, true
			}
			return "6", "39", 6, seq - 10_000, seq < 990_000 // below 06 39 98
		},
	}
}

func americanPlan() *dialPlan {
	international := []string{"+1 %a-%t", "+1 (%a) %t", "+1%a%h", "+1 %a %t", "+1.%a.%h"}
	national := []string{"(%a) %t", "%a-%t", "1-%a-%t", "%a %t", "%a%h", "(%a)%t"}
	make := func(areas [20]string) func(uint32, int) (string, string, int, uint32, bool) {
		return func(seq uint32, _ int) (string, string, int, uint32, bool) {
			if seq < 2000 {
				return areas[seq%20], "55501", 2, seq / 20, true
			}
			seq -= 2000 // beyond 555-01xx: the rest of the directory exchange 555
			return areas[seq%20], "555", 4, 1300 + seq/20, seq/20 < 8700
		}
	}
	return &dialPlan{
		code: "+1", international: international, national: national, mobileInternational: international, mobileNational: national,
		head:   make([20]string{"202", "212", "312", "512", "206", "303", "404", "415", "503", "602", "617", "702", "713", "786", "816", "860", "901", "919", "952", "971"}),
		mobile: make([20]string{"213", "214", "215", "216", "305", "310", "313", "314", "317", "347", "408", "414", "469", "504", "505", "510", "561", "614", "619", "646"}),
	}
}
