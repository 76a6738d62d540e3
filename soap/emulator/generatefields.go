package emulator

// A column is how the values of a field are made up.
type column uint8

const (
	columnNone column = iota
	columnID
	columnFalse
	columnStamp
	columnCreated
	columnModified
	columnOwner
	columnUser
	columnAccount
	columnName
	columnFirst
	columnLast
	columnSalutation
	columnTitle
	columnDepartment
	columnPhone
	columnMobile
	columnHome
	columnOther
	columnAssistant
	columnFax
	columnEmail
	columnStreet
	columnCity
	columnCode
	columnState
	columnCountry
	columnSource
	columnBirth
	columnWebsite
	columnIndustry
	columnType
	columnEmployees
	columnRevenue
	columnNumber
)

func columnOf(name string, contact bool) column {
	switch name {
	case "Id":
		return columnID
	case "SystemModstamp":
		return columnStamp
	case "CreatedDate":
		return columnCreated
	case "LastModifiedDate":
		return columnModified
	case "OwnerId":
		return columnOwner
	case "CreatedById", "LastModifiedById":
		return columnUser
	case "Name":
		return columnName
	case "Phone":
		return columnPhone
	case "Fax":
		return columnFax
	}
	if !contact {
		switch name {
		case "BillingStreet":
			return columnStreet
		case "BillingCity":
			return columnCity
		case "BillingPostalCode":
			return columnCode
		case "BillingState":
			return columnState
		case "BillingCountry":
			return columnCountry
		case "Website":
			return columnWebsite
		case "Industry":
			return columnIndustry
		case "Type":
			return columnType
		case "NumberOfEmployees":
			return columnEmployees
		case "AnnualRevenue":
			return columnRevenue
		case "AccountNumber":
			return columnNumber
		}
		return columnNone
	}
	switch name {
	case "AccountId":
		return columnAccount
	case "FirstName":
		return columnFirst
	case "LastName":
		return columnLast
	case "Salutation":
		return columnSalutation
	case "Title":
		return columnTitle
	case "Department":
		return columnDepartment
	case "MobilePhone":
		return columnMobile
	case "HomePhone":
		return columnHome
	case "OtherPhone":
		return columnOther
	case "AssistantPhone":
		return columnAssistant
	case "Email":
		return columnEmail
	case "MailingStreet":
		return columnStreet
	case "MailingCity":
		return columnCity
	case "MailingPostalCode":
		return columnCode
	case "MailingState":
		return columnState
	case "MailingCountry":
		return columnCountry
	case "LeadSource":
		return columnSource
	case "Birthdate":
		return columnBirth
	}
	return columnNone
}

// appendValue makes up a value.
func (g *invented) appendValue(dst []byte, n uint32, field int) ([]byte, bool) {
	if field >= len(g.columns) {
		return dst, false
	}
	kind := g.columns[field]
	switch kind {
	case columnNone:
		return dst, false
	case columnID:
		return g.appendID(dst, n), true
	case columnFalse:
		return append(dst, "false"...), true
	case columnStamp:
		return appendDateTime(dst, g.stamp(n)), true
	case columnCreated:
		return appendDateTime(dst, g.created(n)), true
	case columnModified:
		// A bulk update is the work of an automated process: it moves SystemModstamp only.
		if g.roll(n, columnStamp)%10 == 3 {
			return appendDateTime(dst, g.created(n)), true
		}
		return appendDateTime(dst, g.stamp(n)), true
	case columnPhone, columnMobile, columnHome, columnOther, columnAssistant:
		return g.appendPhone(dst, n, kind)
	case columnOwner, columnUser:
		return append(dst, pick(g.users, g.roll(n, kind))...), true
	}
	company, _ := g.company(n)
	c, _ := g.country(company)
	roll := g.roll(n, kind)
	switch kind {
	case columnCountry:
		if !g.hasCountry(n) {
			return dst, false
		}
		return append(dst, pick(c.spellings, roll>>8)...), true
	case columnCity, columnCode, columnState, columnStreet:
		return g.appendAddress(dst, n, kind, c)
	case columnFax:
		return g.appendFax(dst, company, roll)
	}
	if g.contact {
		return g.appendContact(dst, n, kind, c, roll)
	}
	return g.appendAccount(dst, n, kind, c, roll)
}

func (g *invented) appendContact(dst []byte, n uint32, kind column, c *country, roll uint64) ([]byte, bool) {
	first, last := g.roll(n, columnFirst), g.roll(n, columnLast)
	switch kind {
	case columnAccount:
		if g.freelance(n) {
			return dst, false
		}
		company, _ := g.company(n)
		return g.accounts.appendID(dst, company), true
	case columnFirst, columnName:
		if first%25 != 0 { // some are known by their last name only
			dst = append(dst, pick(c.first, first>>8)...)
			if kind == columnFirst {
				return dst, true
			}
			dst = append(dst, ' ')
		} else if kind == columnFirst {
			return dst, false
		}
		return append(dst, pick(c.last, last)...), true
	case columnLast:
		return append(dst, pick(c.last, last)...), true
	case columnSalutation:
		if roll%4 == 0 {
			return dst, false
		}
		return append(dst, pick([]string{"Mr.", "Ms.", "Mrs.", "Dr.", "Prof."}, roll>>8)...), true
	case columnTitle:
		if roll%5 == 0 {
			return dst, false
		}
		return append(dst, pick(c.titles, roll>>8)...), true
	case columnDepartment:
		if roll%2 == 0 {
			return dst, false
		}
		return append(dst, pick([]string{"Vertrieb", "Einkauf", "IT", "R&D", "Finance", "Human Resources", "Qualität", "Service <Inland>"}, roll>>8)...), true
	case columnEmail:
		if roll%8 == 0 {
			return dst, false
		}
		dst = append(dst, pick(c.firstASCII, first>>8)...)
		dst = append(dst, '.')
		dst = append(dst, pick(c.lastASCII, last)...)
		dst = appendInt(dst, int64(n))
		return append(dst, "@example.com"...), true
	case columnSource:
		if roll%3 == 0 {
			return dst, false
		}
		return append(dst, pick([]string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}, roll>>8)...), true
	case columnBirth:
		if roll%6 != 0 {
			return dst, false
		}
		return appendDateTime(dst, -300_000_000+int64(roll>>8%1_000_000_000))[:len(dst)+10], true
	}
	return dst, false
}

func (g *invented) appendAccount(dst []byte, n uint32, kind column, c *country, roll uint64) ([]byte, bool) {
	switch kind {
	case columnName:
		dst = append(dst, pick(c.last, roll)...)
		switch roll >> 60 {
		case 0:
			dst = append(dst, " \""...)
			dst = append(dst, pick(c.branches, roll>>16)...)
			dst = append(dst, '"')
		case 1:
			dst = append(dst, " & "...)
			dst = append(dst, pick(c.last, roll>>24)...)
			dst = append(dst, ' ')
			dst = append(dst, pick(c.branches, roll>>16)...)
		default:
			dst = append(dst, ' ')
			dst = append(dst, pick(c.branches, roll>>16)...)
		}
		dst = append(dst, ' ')
		return append(dst, pick(c.legal, roll>>32)...), true
	case columnWebsite:
		if roll%3 == 0 {
			return dst, false
		}
		dst = append(dst, "https://company"...)
		dst = appendInt(dst, int64(n)+1)
		return append(dst, ".example.com/?a=1&b=2"...), true
	case columnIndustry:
		return append(dst, pick([]string{"Manufacturing", "Technology", "Consulting", "Retail", "Construction", "Healthcare", "Transportation"}, roll)...), true
	case columnType:
		if roll%3 == 0 {
			return dst, false
		}
		return append(dst, pick([]string{"Prospect", "Customer - Direct", "Customer - Channel", "Other"}, roll>>8)...), true
	case columnEmployees:
		return appendInt(dst, int64(roll%5000)+1), true
	case columnRevenue:
		if roll%2 == 0 {
			return dst, false
		}
		return append(dst, javaDouble(float64(roll>>8%90_000+1)*10_000)...), true
	case columnNumber:
		dst = append(dst, 'A', '-')
		return appendInt(dst, 100_000+int64(n)), true
	}
	return dst, false
}

func (g *invented) appendAddress(dst []byte, n uint32, kind column, c *country) ([]byte, bool) {
	roll := g.roll(n, columnCity)
	if roll%10 == 0 {
		return dst, false
	}
	town := c.cities[roll>>8%uint64(len(c.cities))]
	switch kind {
	case columnCity:
		return append(dst, town.name...), true
	case columnCode:
		return append(dst, town.code...), true
	case columnState:
		return append(dst, town.state...), town.state != ""
	}
	street := g.roll(n, columnStreet)
	dst = append(dst, pick(c.streets, street)...)
	dst = append(dst, ' ')
	dst = appendInt(dst, int64(street>>8%200)+1)
	if street>>32%12 == 0 {
		dst = append(dst, "\n2. Stock"...)
	}
	return dst, true
}

// appendFax gives the companies with extensions a fax at -9.
func (g *invented) appendFax(dst []byte, company uint32, roll uint64) ([]byte, bool) {
	p, ok := g.switchboard(company)
	if !ok || p.extLen == 0 || roll%6 != 0 || g.contact && g.numbers > 0 {
		return dst, false
	}
	p.ext[0] = '9'
	return p.append(dst, p.plan.international[0]), true
}
