package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line says: {@code CASE ACKERS TASKS TEXT [KEY=VALUE…]}.
 *
 * @param shape the name of the case
 * @param ackers 0 for untracked tuples
 * @param tasks of each bolt of a word count
 * @param text the lines of a word count
 * @param settings of the topology, as in storm.yaml
 */
record Arguments(String shape, int ackers, int tasks, List<String> text, Map<String, Object> settings) {
    static Arguments parse(String[] args) throws IOException {
        if (args.length < 4) {
            throw new IllegalArgumentException("expected: CASE ACKERS TASKS TEXT [KEY=VALUE...]");
        }
        Map<String, Object> settings = new HashMap<>();
        for (int i = 4; i < args.length; i++) {
            int at = args[i].indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("expected KEY=VALUE, got " + args[i]);
            }
            settings.put(args[i].substring(0, at), value(args[i].substring(at + 1)));
        }
        return new Arguments(
                args[0],
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Files.readAllLines(Path.of(args[3])),
                settings);
    }

    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        try {
            return text.contains(".") ? (Object) Double.valueOf(text) : (Object) Integer.valueOf(text);
        } catch (NumberFormatException notANumber) {
            return text;
        }
    }
}
