package soap

import (
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordings is the folder of bodies recorded on the wire, which lie beside the
// checkout and not in it.
func recordings(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("RINGDEX_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	dir := filepath.Join(shared, "data", "salesforce")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no recorded bodies: set RINGDEX_SHARED to the folder that holds data/salesforce (%v)", err)
	}
	return dir
}

func TestRecordedRecords(t *testing.T) {
	t.Parallel()
	dir := recordings(t)
	wants := map[string][]string{
		"recorded/excerpts/query-Id-not-selected-partner.xml": {
			`Contact  Account.Id=nil Account.Name="Unknown" FirstName=nil LastName="Administrator"`,
		},
		"recorded/excerpts/query-Id-selected-last-and-typed-fields.anonymised.xml": {
			`Opportunity 00680000016vtCNAAY Primary_Quote_OTD_in_months__c="1.5" FiscalYear="2017" IsDeleted="false" Name="X"`,
		},
		"recorded/excerpts/query-compound-address.anonymised.xml": {
			`Opportunity 00680000016vtCNAAY BillingAddress.latitude="-37.98" BillingAddress.longitude="145.19" BillingAddress.city="keysborough" BillingAddress.country="Australia" BillingAddress.countryCode="AU" ` +
				`BillingAddress.geocodeAccuracy="Block" BillingAddress.postalCode="3173" BillingAddress.state="Victoria" BillingAddress.stateCode="VIC" BillingAddress.street="1 Example St"`,
		},
		"recorded/excerpts/query-not-done-locator.anonymised.xml": {`Opportunity 0068000000gP5C3AAK Name="A & B"`},
		"recorded/congaengr-soapforce/query_response.xml": {
			`Opportunity 006A000000LZhwNIAT Name="Opportunity 1" StageName="Prospecting"`,
			`Opportunity 006A000000LaF4xIAF Name="Opportunity 2" StageName="Value Proposition"`,
		},
		"recorded/congaengr-soapforce/org_id_response.xml": {`Organization 00DA0000000YpZ4MAK`},
	}
	for name, want := range wants {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		records, _, err := scanRecords(string(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for i := range records {
			got = append(got, describeRecord(&records[i]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

// Every recorded body is read as encoding/xml reads it, and every fault has its
// code.
func TestRecordedBodies(t *testing.T) {
	t.Parallel()
	dir := recordings(t)
	bodies, faults := 0, 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".xml" {
			return err
		}
		if strings.Contains(path, "requests") || strings.HasSuffix(path, "login-request.xml") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var reference struct {
			Body struct {
				Answer struct{ XMLName xml.Name } `xml:",any"`
			} `xml:"Body"`
		}
		readable := xml.Unmarshal(data, &reference) == nil && reference.Body.Answer.XMLName.Local != ""
		scan := replyScan{drop: undescribed()}
		rest, err := scan.run(data)
		if (err == nil) != readable || scan.answer != reference.Body.Answer.XMLName.Local {
			t.Errorf("%s: got answer %q, %v; encoding/xml reads %q, %v", path, scan.answer, err, reference.Body.Answer.XMLName.Local, readable)
			return nil
		}
		if bodies++; scan.answer != "Fault" {
			return nil
		}
		faults++
		f, err := parseFault(rest, strings.TrimSpace)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		if !strings.Contains(string(data), ">"+f.Code+"</") || f.Message == "" || strings.Contains(f.Message, "ERROR at Row") {
			t.Errorf("%s: got %+v", path, f)
		}
		if file := filepath.Base(path); strings.HasPrefix(file, "fault-") && !strings.HasPrefix(file, "fault-"+f.Code) {
			t.Errorf("%s: got code %s", path, f.Code)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if bodies < 30 || faults < 15 {
		t.Errorf("only %d bodies and %d faults were read", bodies, faults)
	}
}

func TestRecordedFaultKinds(t *testing.T) {
	t.Parallel()
	dir := recordings(t)
	kinds := map[string]error{
		"recorded/ejholmes-metaforce/invalid_session.xml":               ErrSession,
		"recorded/ejholmes-metaforce/login_failure.xml":                 ErrCredentials,
		"recorded/excerpts/fault-INVALID_FIELD.xml":                     ErrQuery,
		"recorded/excerpts/fault-INVALID_QUERY_LOCATOR.xml":             ErrLocator,
		"recorded/excerpts/fault-REQUEST_LIMIT_EXCEEDED-concurrent.xml": ErrTemporary,
		"recorded/mulesoft-salesforce-emulator/unknown-exception.xml":   ErrTemporary,
		"constructed/fault-REQUEST_LIMIT_EXCEEDED-total.xml":            ErrLimit,
		"constructed/fault-LOGIN_MUST_USE_SECURITY_TOKEN.xml":           ErrCredentials,
		"constructed/fault-INVALID_OPERATION-login-disabled.xml":        ErrCredentials,
		"constructed/fault-INVALID_OPERATION-login-v65.xml":             ErrCredentials,
		"constructed/fault-API_DISABLED_FOR_ORG.xml":                    ErrCredentials,
		"constructed/fault-SERVER_UNAVAILABLE.xml":                      ErrTemporary,
		"constructed/fault-MALFORMED_QUERY.xml":                         ErrQuery,
		"constructed/fault-INVALID_TYPE.xml":                            ErrQuery,
	}
	for name, kind := range kinds {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		f, err := parseFault(data, strings.TrimSpace)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f.Operation = loginOperation
		if !errors.Is(f, kind) {
			t.Errorf("%s: %v is not %v", name, f, kind)
		}
	}
}
