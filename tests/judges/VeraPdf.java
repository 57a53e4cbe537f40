import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/** Asks veraPDF whether a file complies with profiles, and prints each rule that it breaks, once. */
public class VeraPdf {
    private static final int MOST_FAILURES = 200;

    /** Takes a file, then the names of profiles, such as PDFUA-1. */
    public static void main(String[] words) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        for (int i = 1; i < words.length; i++) {
            ask(words[0], words[i]);
        }
    }

    private static void ask(String file, String name) throws Exception {
        ValidationProfile profile;
        try (InputStream xml = PDFAFlavour.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + name + ".xml")) {
            profile = Profiles.profileFromXml(xml);
        }
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), profile.getPDFAFlavour());
             PDFAValidator judge = Foundries.defaultInstance().createValidator(profile, MOST_FAILURES, false, false, false)) {
            ValidationResult verdict = judge.validate(parser);
            Set<String> told = new TreeSet<>();
            for (TestAssertion failed : verdict.getTestAssertions()) {
                String rule = failed.getRuleId().getClause() + "-" + failed.getRuleId().getTestNumber();
                if (failed.getStatus() == TestAssertion.Status.FAILED && told.add(rule)) {
                    System.out.println(name + " " + rule + ": " + failed.getMessage() + " @ " + failed.getLocation().getContext());
                }
            }
            System.out.println(name + (verdict.isCompliant() ? " holds" : " is broken"));
        }
    }
}
