package main

import (
	"fmt"
	"strings"

	"ringdex/soap"
)

// maxLeftOut keeps a query well under the 100,000 characters that Salesforce takes.
const maxLeftOut = 1000

// condition is where and leave_out as one SOQL condition, "" for all records.
func (o *ObjectConfig) condition() (string, *ConfigError) {
	if len(o.LeaveOut) == 0 {
		return o.Where, nil
	}
	if len(o.LeaveOut) > maxLeftOut {
		return "", &ConfigError{Line: o.line, What: fmt.Sprintf("%s: leave_out has %d Ids; %d are the most", o.Name, len(o.LeaveOut), maxLeftOut), Try: "say it as a condition under where"}
	}
	ids := make([]string, len(o.LeaveOut))
	for i, text := range o.LeaveOut {
		id, err := soap.ParseID(text)
		if err != nil {
			return "", &ConfigError{Line: o.line, What: fmt.Sprintf("%s: leave_out: %q is not the Id of a record", o.Name, text), Try: "the 15 or 18 characters in the address of the record's page, such as 0035500000AbCdEAAV"}
		}
		ids[i] = string(id)
	}
	without := "Id NOT IN " + soqlList(ids)
	if strings.TrimSpace(o.Where) == "" {
		return without, nil
	}
	return "(" + o.Where + ") AND " + without, nil
}
