import java.util.Hashtable;
import java.util.HashSet;
import java.util.Set;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.directory.DirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.naming.ldap.Control;
import javax.naming.ldap.InitialLdapContext;
import javax.naming.ldap.LdapContext;
import javax.naming.ldap.ManageReferralControl;
import javax.naming.ldap.PagedResultsControl;
import javax.naming.ldap.PagedResultsResponseControl;
import javax.naming.ldap.SortControl;
import javax.naming.ldap.SortResponseControl;
import javax.naming.ldap.StartTlsRequest;
import javax.naming.ldap.StartTlsResponse;

/** What JNDI makes of a directory of 300 contacts and 50 accounts: schema, pages, sorting, StartTLS. */
class Interop {
    static final String PEOPLE = "(objectClass=person)";

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void main(String[] args) throws Exception {
        Hashtable<String, String> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldap://" + args[0] + ":" + args[1]);
        env.put("com.sun.jndi.ldap.connect.timeout", "5000");
        env.put("com.sun.jndi.ldap.read.timeout", "60000");
        LdapContext context = new InitialLdapContext(env, new Control[] {new ManageReferralControl()});

        StartTlsResponse tls = (StartTlsResponse) context.extendedOperation(new StartTlsRequest());
        tls.setHostnameVerifier((name, session) -> true);
        tls.negotiate();
        pages(context);
        sorted(context);
        schema(context);
        tls.close();
        context.close();
        System.out.println("ok");
    }

    static SearchControls below(String... attributes) {
        return new SearchControls(SearchControls.SUBTREE_SCOPE, 0, 0, attributes, false, false);
    }

    static void pages(LdapContext context) throws Exception {
        Set<String> names = new HashSet<>();
        byte[] cookie = null;
        int pages = 0;
        do {
            context.setRequestControls(new Control[] {new PagedResultsControl(40, cookie, Control.CRITICAL)});
            NamingEnumeration<SearchResult> found = context.search("dc=ringdex", PEOPLE, below("cn"));
            while (found.hasMore()) {
                check(names.add(found.next().getName()), "an entry came twice");
            }
            cookie = null;
            for (Control c : context.getResponseControls()) {
                if (c instanceof PagedResultsResponseControl) {
                    cookie = ((PagedResultsResponseControl) c).getCookie();
                }
            }
            pages++;
        } while (cookie != null);
        check(names.size() == 350 && pages == 9, names.size() + " entries on " + pages + " pages");
    }

    static void sorted(LdapContext context) throws Exception {
        context.setRequestControls(new Control[] {new SortControl("sn", Control.CRITICAL)});
        NamingEnumeration<SearchResult> found = context.search("dc=ringdex", PEOPLE, below("sn"));
        String last = "";
        int n = 0;
        while (found.hasMore()) {
            String sn = ((String) found.next().getAttributes().get("sn").get()).toLowerCase();
            check(last.compareTo(sn) <= 0, sn + " comes behind " + last);
            last = sn;
            n++;
        }
        check(n == 350, n + " sorted entries");
        boolean told = false;
        for (Control c : context.getResponseControls()) {
            told |= c instanceof SortResponseControl && ((SortResponseControl) c).isSorted();
        }
        check(told, "no sort response");
        context.setRequestControls(null);
    }

    static void schema(LdapContext context) throws Exception {
        DirContext schema = context.getSchema("dc=ringdex");
        check(schema.getAttributes("AttributeDefinition/telephoneNumber").get("SYNTAX") != null, "telephoneNumber has no syntax");
        check(schema.getAttributes("ClassDefinition/inetOrgPerson").get("SUP") != null, "inetOrgPerson has no superior");
        NamingEnumeration<?> classes = context.getSchemaClassDefinition("dc=ringdex").list("");
        check(classes.hasMore(), "the base has no classes");
    }
}
