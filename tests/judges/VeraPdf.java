import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
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
import org.verapdf.pdfa.validation.validators.ValidatorFactory;

/** Asks veraPDF whether a file complies with profiles, and prints each rule that it breaks, once. */
public class VeraPdf {
    private static final int MOST_FAILURES = 200;

    /** Takes a file, then the names of profiles of one version of PDF, such as PDFUA-1. */
    public static void main(String[] words) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        List<ValidationProfile> profiles = new ArrayList<>();
        for (int i = 1; i < words.length; i++) {
            profiles.add(profile(words[i]));
        }
        List<ValidationResult> verdicts = verdicts(words[0], profiles);
        if (verdicts.size() != profiles.size()) {
            throw new IllegalArgumentException("profiles of several versions of PDF: ask one after the other");
        }
        for (int i = 0; i < verdicts.size(); i++) {
            tell(words[i + 1], verdicts.get(i));
        }
    }

    private static ValidationProfile profile(String name) throws Exception {
        try (InputStream xml = PDFAFlavour.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + name + ".xml")) {
            return Profiles.profileFromXml(xml);
        }
    }

    /** Goes through the file once: half of the time is taken by reading, and all rules are asked of each object. */
    private static List<ValidationResult> verdicts(String file, List<ValidationProfile> profiles) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), profiles.get(0).getPDFAFlavour());
             PDFAValidator judge = ValidatorFactory.createValidatorByProfiles(profiles, MOST_FAILURES, false, false, false)) {
            return judge.validateAll(parser);
        }
    }

    private static void tell(String name, ValidationResult verdict) {
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
