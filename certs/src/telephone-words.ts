/**
 * Words for reading a fingerprint aloud, one for each value of an octet, in two lists that share no word.
 *
 * Short words stand at even places and long ones at odd places, so that a word that was left out, said twice
 * or swapped with its neighbour is heard at once. No two of all 512 begin with the same four letters or are
 * less than three letters apart. The lists are part of the format and must never change.
 */
export const TELEPHONE_WORDS: readonly [even: readonly string[], odd: readonly string[]] = [
  wordsOf(`
  alpine anchor ankle anvil apron artist aspen atlas autumn badge bamboo banjo barley basil
  basket beacon bench berry biscuit blossom bluebird bottle boulder brass brick bronze broom
  buckle butter cabbage cabin cactus canvas canyon carpet castle cedar cello chalk chestnut
  chimney circus cliff clock clover cobalt coffee comet copper cotton cradle cricket crystal
  cupboard cushion daisy dentist desert diamond dinner dolphin donkey dragon drawer drum
  duckling dune eagle echo elbow engine envoy equal fabric falcon farmer feather fennel fiddle
  flag flour flute forest fossil fountain freckle gallop garden garlic geyser giant giraffe
  glacier glimpse goblet goose granite grape guitar hammock harbor harvest hazel hedgehog
  helmet hill hood hyphen iceberg igloo index inkwell insect island ivory jaguar jasmine jigsaw
  journey jumper jungle kayak keyhole kitchen kiwi knee lagoon lantern laptop laundry lava leaf
  lemon leopard lettuce lilac linen lizard lobster locket lotus magnet mammoth marble meadow
  metal midnight mirror mitten mortar moss muffin mustard napkin needle nephew nest north novel
  nutmeg oboe ocean olive onion opal orbit orchid palace panda paper parrot peanut pebble
  pencil pigeon pillow pirate polar powder prism pumpkin puppet purple python quartz queen
  quince quiver rabbit raccoon radish raft rainbow raven ribbon rubber ruby rustic sailor
  saturn scarf school sculptor seagull shelter silver skate sketch slipper smoke soccer sofa
  sphinx spider squash squirrel stable sugar sunset swan syrup tadpole teapot temple tennis
  thimble throne thunder tiger toast tractor treasure trophy trumpet tulip tundra twig velcro
  vessel village violin voyage vulture waffle walnut wheat whistle window wolf wooden yacht
  yogurt zebra zenith zigzag zinc
  `),
  wordsOf(`
  abacus academy accordion acrobat agency albatross algebra almanac alphabet ambassador
  amethyst antelope apartment apricot aquarium archipelago armadillo asparagus asteroid
  astronomer athletic avocado banana barbecue bicycle binocular biography bohemian broccoli
  canopy caravan celery cinnamon citizen companion conductor consonant courier crocodile
  cucumber curiosity daffodil detective dinosaur diplomat director document domino dynamo
  earthenware electric emerald emperor energy escalator espresso eucalyptus evergreen evidence
  example exercise explorer factory family flamingo fluorescent fortunate fragrance frequency
  gazebo generous geranium glossary gondola governor guarantee gymnastic habitat hamburger
  harmonica helicopter hibiscus honeycomb horizon hospital hurricane hyacinth important
  industry inkstand instrument inventor invisible jellyfish jubilee justify kangaroo karaoke
  kilogram laboratory ladybird legendary liberty librarian lieutenant lollipop lullaby luminous
  macaroni magician mahogany marigold marmalade matinee mayonnaise mechanic medicine melody
  messenger millennium mineral minister molecule mosquito motorcycle museum mystery narrative
  natural navigator nectarine newspaper nightingale nursery obelisk oblivion octagon october
  odyssey omelette operator optimist organist original ornament outfitter overcoat panorama
  parachute particle pavilion pedestal peninsula performer periscope pharmacy philosophy
  photograph pineapple pioneer platinum pocketbook poetry polygon pomegranate porcelain
  postcard president primary professor property publisher pyramid quantity quicksilver
  realistic recipe recorder rectangle referee remarkable republic restaurant rhinoceros
  rosemary roundabout safari salamander sandpaper sapphire satellite scientist secretary
  semaphore september sequoia serenade signature silhouette skeleton solitary somersault
  souvenir spaghetti spectacle stadium stationery strawberry submarine sunflower supermarket
  suspension sycamore symphony tangerine tapestry tarantula technical territory thermometer
  tornado tradition trampoline triangle turbulent turquoise typewriter ukulele umpire
  underneath uniform universe utensil vacation vagabond valentine vegetable velodrome veranda
  vertical videotape visitor vitamin vocabulary volunteer wanderer watercress weatherman
  wilderness wonderful xylophone yesterday youngster zeppelin zookeeper zoology
  `),
];

function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
